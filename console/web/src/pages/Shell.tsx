// Frame of every page after sign-in: rail with the resource tree (a bar at the bottom of a phone), the state of the
// line, and the banner when it is lost.
import { useEffect, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useLine } from '../api/line';
import { useGateway, usePartitions } from '../api/queries';
import { decoded } from '../model/names';
import { health_signal, type IconName } from '../model/signal';
import { texts } from '../texts/en';
import { age_words } from '../texts/time';
import { useFresh } from '../ui/fresh';
import { Icon } from '../ui/Icon';
import { useNow } from '../ui/now';
import { Guard } from '../ui/Guard';
import { useMay, useViewer } from '../ui/session';

function Entry({ href, icon, text }: { href: string; icon: IconName; text: string }) {
    const [location] = useLocation();
    const here = href === '/' ? location === '/' || location.startsWith('/gateways') : location.startsWith(href);
    return (
        <Link href={href} className={here ? 'here' : ''} aria-current={here ? 'page' : undefined}>
            <Icon name={icon} />
            <span>{text}</span>
        </Link>
    );
}

// The gateway that is open, and its partitions.
function Tree({ gateway, partition }: { gateway: string; partition: string }) {
    const partitions = usePartitions(gateway);
    const view = useGateway(gateway);
    const fresh = useFresh(partitions.dataUpdatedAt) && view.data?.gateway.connection === 'connected';
    const base = `/gateways/${encodeURIComponent(gateway)}`;
    return (
        <ul className="tree">
            <li>
                <Link href={base} aria-current={partition ? undefined : 'page'}>
                    <Icon name="gateway" size={16} />
                    <span>{gateway}</span>
                </Link>
                <ul>
                    {(partitions.data?.items ?? []).map((one) => {
                        const signal = health_signal(one.health, fresh);
                        return (
                            <li key={one.name}>
                                <Link href={`${base}/partitions/${encodeURIComponent(one.name)}`} aria-current={one.name === partition ? 'page' : undefined}>
                                    <span className={`tree-state tone-${signal.tone}`} title={signal.word}>
                                        <Icon name={signal.icon} size={14} />
                                    </span>
                                    <span>{one.name}</span>
                                    <span className="sr-only">{signal.word}</span>
                                </Link>
                            </li>
                        );
                    })}
                </ul>
            </li>
        </ul>
    );
}

function LineState() {
    const line = useLine();
    const word = line.state === 'live' ? texts.line.live : line.state === 'lost' ? texts.line.off : texts.line.connecting;
    return (
        <span className={`line-state ${line.state}`}>
            <Icon name={line.state === 'lost' ? 'link-off' : 'link'} size={16} />
            {word}
        </span>
    );
}

function LostBanner() {
    const line = useLine();
    const now = useNow();
    return (
        <div role="status" aria-live="assertive">
            {line.state === 'lost' && (
                <div className="banner">
                    <Icon name="link-off" />
                    <p>
                        <strong>{texts.line.lost}</strong>{' '}
                        <span aria-hidden="true">{texts.line.lost_text(age_words((now - line.since) / 1000))}</span>
                    </p>
                </div>
            )}
        </div>
    );
}

export function Shell({ children }: { children: ReactNode }) {
    const [location] = useLocation();
    const viewer = useViewer();
    const audit = useMay('see-audit');
    const users = useMay('manage-users');
    const gateways = useMay('manage-gateways');
    const [, , gateway, , partition] = location.split('/').map(decoded);
    const line = useLine();
    // Braces: scrollTo may answer a promise, and React would take it for a clean-up.
    useEffect(() => {
        window.scrollTo(0, 0);
    }, [location]);
    return (
        <div className={`shell ${line.state === 'lost' ? 'is-lost' : ''}`}>
            <a className="skip" href="#content">
                {texts.skip}
            </a>
            <header className="rail">
                <Link href="/" className="brand">
                    <img src="/bulkhead.svg" alt="" width="28" height="28" />
                    <span>{texts.product}</span>
                </Link>
                <nav aria-label={texts.nav.main}>
                    <Entry href="/" icon="fleet" text={texts.nav.fleet} />
                    {location.startsWith('/gateways/') && gateway && <Tree gateway={gateway} partition={partition ?? ''} />}
                    <Entry href="/events" icon="events" text={texts.nav.events} />
                    {audit && <Entry href="/audit" icon="audit" text={texts.nav.audit} />}
                    {users && <Entry href="/users" icon="users" text={texts.nav.users} />}
                    {gateways && <Entry href="/add" icon="plus" text={texts.nav.add} />}
                </nav>
                <div className="rail-foot">
                    <LineState />
                    <Link href="/account" className="who">
                        <Icon name="account" />
                        <span>
                            <span className="who-name">{viewer.user}</span>
                            <span className="who-role">
                                {texts.users.roles[viewer.role]}
                                {viewer.tenant && `, ${viewer.tenant}`}
                            </span>
                        </span>
                    </Link>
                </div>
            </header>
            <div className="stage">
                <LostBanner />
                <main id="content" tabIndex={-1}>
                    <Guard key={location}>{children}</Guard>
                </main>
            </div>
        </div>
    );
}
