import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useConduits, useDenials, useDevices, useGateway, usePartitions, useRouters, useZones } from '../api/queries';
import type { GatewayView, Status } from '../api/types';
import { attestation_signal, connection_signal, health_signal } from '../model/signal';
import { texts } from '../texts/en';
import { age_words } from '../texts/time';
import { Empty, Failure, Loading, Notice, Section } from '../ui/controls';
import { useFresh } from '../ui/fresh';
import { Icon } from '../ui/Icon';
import { useNow } from '../ui/now';
import { useMay } from '../ui/session';
import { Ago, Labels, Sign, Time } from '../ui/signs';
import { useTitle } from '../ui/title';
import { Devices } from './Devices';
import { GatewayAdmin } from './GatewayAdmin';
import { Drops, Matrix } from './Matrix';
import { PartitionTable } from './PartitionTable';
import { Picture } from './Picture';
import { Proof } from './Proof';
import { Refused } from './Refused';
import { Routers } from './Routers';

const words = texts.gateway;

function Fact({ name, children }: { name: string; children: ReactNode }) {
    return (
        <div>
            <dt>{name}</dt>
            <dd>{children}</dd>
        </div>
    );
}

function Facts({ view, status, read_at, line_fresh, fresh }: { view: GatewayView; status?: Status; read_at: number; line_fresh: boolean; fresh: boolean }) {
    const proof = view.attestation;
    const behind = view.generation !== view.generation_applied;
    return (
        <dl className="facts panel pad">
            <Fact name={words.attestation}>
                <Sign signal={attestation_signal(proof?.attestation ?? 'unknown', proof?.trust_anchor ?? '', fresh)} />
                <span className="because">
                    {proof?.attested_at ? (
                        <>
                            {words.round} <Ago seconds={proof.age_seconds} read_at={read_at} />
                        </>
                    ) : (
                        words.never_proved
                    )}
                </span>
            </Fact>
            <Fact name={words.anchor}>
                <span className={`inline ${proof?.trust_anchor === 'software' ? 'tone-warn' : ''}`}>
                    <Icon name="chip" size={16} />
                    {proof?.trust_anchor === 'hardware' ? words.hardware : proof?.trust_anchor ? words.software : texts.none}
                </span>
            </Fact>
            <Fact name={words.console_line}>
                <Sign plain signal={connection_signal(view.connection, line_fresh)} />
                {view.connection !== 'never' && (
                    <span className="because">
                        <Ago seconds={view.last_seen_seconds} read_at={read_at} />
                    </span>
                )}
            </Fact>
            <Fact name={words.generation}>
                <span className="inline">
                    <span className="num">{view.generation || texts.none}</span>
                    <span className={behind ? 'tone-warn' : 'quiet'}>{behind ? `${words.desired}, ${view.generation_applied} ${words.applied}` : words.same}</span>
                </span>
                {view.phase && <span className="because">{view.phase}</span>}
            </Fact>
            <Fact name={words.drift}>
                {view.drift > 0 ? (
                    <span className="inline tone-warn">
                        <Icon name="drift" size={16} />
                        {view.drift}
                    </span>
                ) : (
                    <span className="quiet">{texts.none}</span>
                )}
            </Fact>
            <Fact name={words.glass}>
                {view.break_glass ? (
                    <span className="inline tone-bad">
                        <Icon name="glass" size={16} />
                        {view.break_glass}
                    </span>
                ) : (
                    <span className="quiet">{words.no_glass}</span>
                )}
            </Fact>
            <Fact name={words.accelerator}>
                {view.accelerator || texts.none}
                {status?.accelerator_reason && <span className="because">{status.accelerator_reason}</span>}
            </Fact>
            <Fact name={words.version}>
                <span className="num">{view.version || texts.none}</span>
                {status?.hypervisor && <span className="because">{status.hypervisor}</span>}
            </Fact>
            <Fact name={words.zone}>
                {view.time_zone || 'UTC'}
                <span className="because">
                    <Time at={new Date(read_at).toISOString()} zone={view.time_zone} />
                </span>
            </Fact>
            {status && status.spooled > 0 && <Fact name={words.spooled}>{words.events_waiting(status.spooled)}</Fact>}
        </dl>
    );
}

function Notices({ view, status, read_at }: { view: GatewayView; status?: Status; read_at: number }) {
    const now = useNow();
    const age = age_words(view.last_seen_seconds + (now - read_at) / 1000);
    const proof = view.attestation;
    return (
        <>
            {view.connection === 'offline' && (
                <Notice tone="warn" icon="link-off" title={words.offline}>
                    {words.offline_text(age)}
                </Notice>
            )}
            {view.connection === 'never' && <Notice tone="stale" icon="question" title={words.never} />}
            {view.break_glass && (
                <Notice tone="bad" icon="glass" title={words.glass}>
                    {words.glass_text} “{view.break_glass}”
                </Notice>
            )}
            {proof?.trust_anchor === 'software' && (
                <Notice tone="warn" icon="shield-half" title={words.software}>
                    {words.software_text}
                </Notice>
            )}
            {view.events_dropped > 0 && <Notice tone="warn" icon="events" title={words.dropped(view.events_dropped)} />}
            {status?.operation && <Notice tone="stale" icon="restart" title={`${words.operation}: ${status.operation}`} />}
        </>
    );
}

function DriftList({ status }: { status?: Status }) {
    const drift = status?.drift ?? [];
    if (drift.length === 0) return null;
    return (
        <Section title={words.drift}>
            <ul className="panel drift">
                {drift.map((one) => (
                    <li key={`${one.subject} ${one.what}`}>
                        <Icon name="drift" size={16} />
                        <div>
                            <strong>{one.subject}</strong> {one.what}
                            <span className="because">{one.rule}</span>
                            {one.mend && <span className="because mono">{one.mend}</span>}
                        </div>
                    </li>
                ))}
            </ul>
        </Section>
    );
}

export function GatewayPage({ name }: { name: string }) {
    useTitle(name);
    const page = useGateway(name);
    const partitions = usePartitions(name);
    const devices = useDevices(name);
    const zones = useZones(name);
    const conduits = useConduits(name);
    const routers = useRouters(name);
    const denials = useDenials(name);
    const line_fresh = useFresh(page.dataUpdatedAt);
    const parts_fresh = useFresh(partitions.dataUpdatedAt);
    const conduits_fresh = useFresh(conduits.dataUpdatedAt);
    const devices_fresh = useFresh(devices.dataUpdatedAt);
    const routers_fresh = useFresh(routers.dataUpdatedAt);
    const denials_fresh = useFresh(denials.dataUpdatedAt);
    const admin = useMay('manage-gateways');
    const desire = useMay('set-desired');
    if (page.error && !page.data)
        return (
            <Failure error={page.error} on_retry={() => void page.refetch()}>
                <p>
                    <Link href="/">{texts.errors.to_fleet}</Link>
                </p>
            </Failure>
        );
    if (!page.data) return <Loading />;
    const { gateway: view, status } = page.data;
    const connected = view.connection === 'connected';
    const fresh = line_fresh && connected;
    const items = partitions.data?.items ?? [];
    const proof = view.attestation;
    return (
        <>
            <nav className="crumbs" aria-label={texts.nav.fleet}>
                <Link href="/">{texts.nav.fleet}</Link>
                <Icon name="chevron" size={12} />
                <span>{view.name}</span>
            </nav>
            <div className="page-head">
                <div>
                    <h1>
                        {view.name} <Sign signal={health_signal(view.health, fresh)} />
                    </h1>
                    <p className="lead">
                        {view.site && <span>{view.site}</span>}
                        <Labels labels={view.labels} />
                        {view.reason && <span>{view.reason}</span>}
                    </p>
                </div>
                {!fresh && connected && (
                    <span className="note tone-stale">
                        <Ago seconds={0} read_at={page.dataUpdatedAt} />
                    </span>
                )}
            </div>
            <div className="notices">
                <Notices view={view} status={status} read_at={page.dataUpdatedAt} />
            </div>
            <Facts view={view} status={status} read_at={page.dataUpdatedAt} line_fresh={line_fresh} fresh={fresh} />
            <DriftList status={status} />
            <Section title={words.partitions}>
                <Failure error={partitions.error} />
                {partitions.data && items.length === 0 && <Empty icon="gateway" title={words.empty}>{words.empty_text}</Empty>}
                {items.length > 0 && <PartitionTable partitions={items} fresh={parts_fresh && connected} read_at={partitions.dataUpdatedAt} />}
            </Section>
            {items.length > 0 && (
                <>
                    <Section title={words.picture}>
                        <Picture
                            gateway={name} partitions={items} devices={devices.data?.items ?? []} zones={zones.data?.items ?? []}
                            conduits={conduits.data?.items ?? []} routers={routers.data?.items ?? []} denials={denials.data?.items ?? []}
                            fresh={parts_fresh && routers_fresh && connected}
                        />
                    </Section>
                    {(routers.data?.items ?? []).length > 0 && (
                        <Section title={words.routers}>
                            <Routers routers={routers.data?.items ?? []} fresh={routers_fresh && connected} />
                        </Section>
                    )}
                    <div className="two">
                        <Section title={words.matrix}>
                            <Matrix partitions={items} conduits={conduits.data?.items ?? []} fresh={conduits_fresh && connected} />
                            <p className="hint">{words.matrix_text}</p>
                        </Section>
                        <Section title={words.drops}>
                            <Drops partitions={items} />
                        </Section>
                    </div>
                    <Section title={words.refused}>
                        <Failure error={denials.error} />
                        {denials.data && <Refused denials={denials.data.items} zone={view.time_zone} read_at={denials.dataUpdatedAt} fresh={denials_fresh && connected} />}
                    </Section>
                </>
            )}
            {(devices.data?.items ?? []).length > 0 && (
                <Section title={words.devices}>
                    <Devices devices={devices.data?.items ?? []} partitions={items} fresh={devices_fresh && connected} connected={connected} />
                    <p className="hint">{words.devices_text}</p>
                </Section>
            )}
            {proof && (
                <Section title={texts.partition.explained}>
                    <Proof proof={proof} fresh={fresh} zone={view.time_zone} read_at={page.dataUpdatedAt} />
                </Section>
            )}
            {(admin || desire) && <GatewayAdmin name={name} />}
        </>
    );
}
