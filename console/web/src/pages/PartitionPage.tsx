import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAttestation, useGateway, useHistory, usePartition } from '../api/queries';
import type { PartitionView } from '../api/types';
import { attestation_signal, health_signal, run_signal } from '../model/signal';
import { texts } from '../texts/en';
import { age_words, byte_words, count_words } from '../texts/time';
import { Failure, Loading, Notice, Section } from '../ui/controls';
import { useFresh } from '../ui/fresh';
import { Icon } from '../ui/Icon';
import { useMay } from '../ui/session';
import { Ago, Sign, Time } from '../ui/signs';
import { useTitle } from '../ui/title';
import { Actions } from './Actions';
import { Output } from './Output';
import { Conditions } from './PartitionTable';
import { Proof } from './Proof';
import { Serial } from './Serial';
import { Timeline } from './Timeline';
import { Drops } from './Matrix';

const words = texts.partition;

function Fact({ name, children }: { name: string; children: ReactNode }) {
    return (
        <div>
            <dt>{name}</dt>
            <dd>{children}</dd>
        </div>
    );
}

function Facts({ view, fresh, read_at }: { view: PartitionView; fresh: boolean; read_at: number }) {
    const agent = view.agent;
    return (
        <dl className="facts panel pad">
            <Fact name={words.state}>
                <Sign plain signal={run_signal(view.state, fresh)} />
                <span className="because">
                    <Ago seconds={view.since_seconds} read_at={read_at} />
                </span>
            </Fact>
            <Fact name={words.attestation}>
                <Sign signal={attestation_signal(view.attestation, view.trust_anchor, fresh)} />
                {view.attested_at && (
                    <span className="because">
                        <Ago seconds={view.attestation_age_seconds} read_at={read_at} />
                    </span>
                )}
            </Fact>
            <Fact name={words.application}>
                {view.application?.name || texts.none}
                {view.application?.state && <span className="because">{view.application.state}</span>}
                {view.application?.last_error && <span className="because">{view.application.last_error}</span>}
            </Fact>
            <Fact name={words.reading}>
                <span className="mono">{view.application?.last_output || texts.none}</span>
            </Fact>
            <Fact name={words.resources}>
                {words.cpus(view.cpus)}, {view.memory}
                {agent && agent.memory_total_kib > 0 && (
                    <span className="because">
                        {words.memory} {words.of(byte_words((agent.memory_total_kib - agent.memory_available_kib) * 1024), byte_words(agent.memory_total_kib * 1024))}
                        {agent.load && `, ${words.load.toLowerCase()} ${agent.load}`}
                    </span>
                )}
            </Fact>
            <Fact name={words.devices}>
                {(view.devices ?? []).length === 0 && <span className="quiet">{words.no_devices}</span>}
                {(view.devices ?? []).map((device) => (
                    <span key={device.name} className="stack">
                        <span className={`inline ${device.present && !device.error ? '' : 'tone-bad'}`}>
                            <Icon name={device.present && !device.error ? 'check' : 'cross'} size={14} />
                            {device.name} · {device.error || (device.present ? words.present : words.missing)}
                        </span>
                        <span className="because mono">
                            {device.guest_path} {device.line}
                        </span>
                    </span>
                ))}
            </Fact>
            <Fact name={words.interfaces}>
                {(view.interfaces ?? []).map((one) => (
                    <span key={one.name} className="stack">
                        <span className="mono">{one.address}</span>
                        <span className="because">
                            {one.zone} · {words.received} {count_words(one.received)}, {words.delivered} {count_words(one.delivered)}
                        </span>
                    </span>
                ))}
                {(view.interfaces ?? []).length === 0 && texts.none}
            </Fact>
            <Fact name={words.volumes}>
                {(view.volumes ?? []).map((one) => (
                    <span key={one.name} className="stack">
                        <span>
                            {one.name} <span className="mono">{one.mount}</span>
                        </span>
                        <span className="because">{words.of(byte_words(one.used_kib * 1024), one.size)}</span>
                    </span>
                ))}
                {(view.volumes ?? []).length === 0 && texts.none}
            </Fact>
            <Fact name={words.image}>
                {view.image}
                {view.image_digest && (
                    <span className="because mono" title={view.image_digest}>
                        {view.image_digest.slice(0, 19)}…
                    </span>
                )}
            </Fact>
            <Fact name={words.agent}>
                {agent?.version || texts.none}
                {agent && (
                    <span className="because">
                        {words.uptime} {age_words(agent.uptime_ms / 1000)}, {words.heard} {texts.ago(age_words(agent.last_heard_ms / 1000))}
                    </span>
                )}
            </Fact>
            <Fact name={words.restarts}>
                <span className="num">{view.restarts}</span>
            </Fact>
        </dl>
    );
}

export default function PartitionPage({ gateway, name }: { gateway: string; name: string }) {
    useTitle(`${name} · ${gateway}`);
    const partition = usePartition(gateway, name);
    const owner = useGateway(gateway);
    const proof = useAttestation(gateway, name);
    const history = useHistory(gateway, name);
    const line_fresh = useFresh(partition.dataUpdatedAt);
    const may_read = useMay('read-output');
    const may_type = useMay('use-serial');
    if (partition.error && !partition.data)
        return (
            <Failure error={partition.error} on_retry={() => void partition.refetch()}>
                <p>
                    <Link href="/">{texts.errors.to_fleet}</Link>
                </p>
            </Failure>
        );
    if (!partition.data) return <Loading />;
    const view = partition.data;
    const connected = owner.data?.gateway.connection === 'connected';
    const fresh = line_fresh && (connected || owner.isPending);
    const zone = owner.data?.gateway.time_zone ?? '';
    return (
        <>
            <nav className="crumbs" aria-label={texts.nav.fleet}>
                <Link href="/">{texts.nav.fleet}</Link>
                <Icon name="chevron" size={12} />
                <Link href={`/gateways/${encodeURIComponent(gateway)}`}>{gateway}</Link>
                <Icon name="chevron" size={12} />
                <span>{name}</span>
            </nav>
            <div className="page-head">
                <div>
                    <h1>
                        {name} <Sign signal={health_signal(view.health, fresh)} />
                    </h1>
                    <p className="lead">
                        <span>{view.tenant}</span>
                        <Conditions partition={view} />
                        {view.reason && <span>{view.reason}</span>}
                    </p>
                </div>
                <Actions partition={view} connected={connected} />
            </div>
            <div className="notices">
                {owner.data?.gateway.connection === 'offline' && (
                    <Notice tone="warn" icon="link-off" title={texts.gateway.offline}>
                        {texts.gateway.offline_text(age_words(owner.data.gateway.last_seen_seconds))}
                    </Notice>
                )}
                {view.lock && (
                    <Notice tone="lock" icon="lock" title={words.lock_by(view.lock.by)}>
                        “{view.lock.reason}” · <Time at={view.lock.since} zone={zone} />
                    </Notice>
                )}
            </div>
            <Facts view={view} fresh={fresh} read_at={partition.dataUpdatedAt} />
            <Section title={words.timeline}>
                <Failure error={history.error} />
                {history.data && <Timeline points={history.data.items} zone={zone} anchor={view.trust_anchor} fresh={fresh} />}
            </Section>
            <div className="two">
                <Section title={words.explained}>
                    <Failure error={proof.error} />
                    {proof.data && <Proof proof={proof.data} fresh={fresh} zone={zone} read_at={proof.dataUpdatedAt} />}
                </Section>
                <Section title={texts.gateway.drops}>
                    <Drops partitions={[view]} />
                </Section>
            </div>
            {may_read && (
                <Section title={words.output}>
                    <Output gateway={gateway} partition={name} zone={zone} />
                </Section>
            )}
            {may_type && (
                <Section title={words.serial}>
                    <Serial gateway={gateway} partition={name} />
                </Section>
            )}
        </>
    );
}
