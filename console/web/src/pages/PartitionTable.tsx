import { Link } from 'wouter';
import type { PartitionView } from '../api/types';
import { attestation_signal, health_signal, run_signal } from '../model/signal';
import { texts } from '../texts/en';
import { Icon } from '../ui/Icon';
import { Age, Ago, Sign } from '../ui/signs';

const words = texts.partition;

export function Conditions({ partition }: { partition: PartitionView }) {
    const all = partition.conditions ?? [];
    if (all.length === 0) return null;
    return (
        <span className="labels">
            {all.map((condition) => (
                <span key={condition} className={`label ${condition === 'locked' ? 'lock' : 'warn'}`} title={condition === 'locked' ? partition.lock?.reason : undefined}>
                    <Icon name={condition === 'locked' ? 'lock' : condition === 'held' ? 'stop' : 'drift'} size={12} />
                    {condition}
                </span>
            ))}
        </span>
    );
}

export function PartitionTable({ partitions, fresh, read_at }: { partitions: PartitionView[]; fresh: boolean; read_at: number }) {
    return (
        <div className="panel">
            <table className="cards">
                <thead>
                    <tr>
                        <th scope="col">{words.name}</th>
                        <th scope="col">{words.state}</th>
                        <th scope="col">{words.health}</th>
                        <th scope="col">{words.attestation}</th>
                        <th scope="col">{words.devices}</th>
                        <th scope="col">{words.reading}</th>
                    </tr>
                </thead>
                <tbody>
                    {partitions.map((one) => (
                        <tr key={one.name} className={fresh ? '' : 'old'}>
                            <th scope="row" data-label={words.name}>
                                <Link href={`/gateways/${encodeURIComponent(one.gateway)}/partitions/${encodeURIComponent(one.name)}`}>{one.name}</Link>
                                <span className="because">{one.tenant}</span>
                                <Conditions partition={one} />
                            </th>
                            <td data-label={words.state}>
                                <Sign plain signal={run_signal(one.state, fresh)} />
                                <span className="because">
                                    <Age seconds={one.since_seconds} read_at={read_at} />
                                </span>
                            </td>
                            <td data-label={words.health}>
                                <Sign signal={health_signal(one.health, fresh)} />
                                {one.reason && <span className="because">{one.reason}</span>}
                            </td>
                            <td data-label={words.attestation}>
                                <Sign signal={attestation_signal(one.attestation, one.trust_anchor, fresh)} />
                                <span className="because">
                                    {one.attested_at && <Ago seconds={one.attestation_age_seconds} read_at={read_at} />}
                                    {one.attestation_reason && <> · {one.attestation_reason}</>}
                                </span>
                            </td>
                            <td data-label={words.devices}>
                                {(one.devices ?? []).length === 0 && <span className="quiet">{texts.none}</span>}
                                {(one.devices ?? []).map((device) => (
                                    <span key={device.name} className="stack">
                                        <span>{device.name}</span>
                                        <span className="because mono nowrap">{device.guest_path}</span>
                                    </span>
                                ))}
                            </td>
                            <td data-label={words.reading} className="mono reading">
                                {one.application?.last_output || texts.none}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
