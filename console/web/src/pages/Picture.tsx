// Draws model/picture.ts: bus, device, partition, interface, zone, conduit, and what is denied.
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import type { ConduitView, DeviceView, PartitionView, ZoneView } from '../api/types';
import { denied_pairs } from '../model/paths';
import { draw, type PictureEdge, type PictureNode } from '../model/picture';
import { attestation_signal, health_signal, type Signal } from '../model/signal';
import { texts } from '../texts/en';
import { count_words } from '../texts/time';
import { IconIn } from '../ui/Icon';

const words = texts.gateway;

function clip(text: string, width: number, per_character: number): string {
    const fit = Math.floor(width / per_character);
    return text.length <= fit ? text : `${text.slice(0, Math.max(1, fit - 1))}…`;
}

function SignIn({ signal, x, y }: { signal: Signal; x: number; y: number }) {
    return (
        <g className={`tone-${signal.tone}`}>
            <IconIn name={signal.icon} x={x} y={y - 11} size={14} className="sign-icon" />
            <text x={x + 18} y={y} className="node-sign">
                {signal.tag ? `${signal.word}, ${signal.tag}` : signal.word}
            </text>
        </g>
    );
}

function NodeBox({ node, fresh, hue, open }: { node: PictureNode; fresh: boolean; hue: number; open?: () => void }) {
    const { x, y, width, height } = node;
    const broken = (node.device && (!node.device.present || node.device.error)) || (node.conduit && !node.conduit.open);
    const denied = node.kind === 'denied';
    const left = x + 12 + (denied ? 20 : 0);
    return (
        <g className={`node node-${node.kind} ${broken ? 'broken' : ''} ${open ? 'open' : ''}`} onClick={open}>
            <title>{[node.title, ...node.lines, node.device?.error, node.conduit?.because].filter(Boolean).join('\n')}</title>
            <rect x={x} y={y} width={width} height={height} rx={6} />
            {hue >= 0 && <rect className={`stripe tenant-${hue}`} x={x} y={y} width={4} height={height} rx={2} />}
            {denied && <IconIn name="deny" x={x + 11} y={y + 9} className="deny-icon" />}
            <text x={left} y={y + 20} className="node-title">
                {clip(node.title, width - 24 - (denied ? 16 : 0), 7.4)}
            </text>
            {node.lines.map((line, at) => (
                <text key={line} x={x + 12} y={y + 37 + at * 16} className="node-line">
                    {clip(line, width - 18, node.kind === 'bus' ? 6.1 : 6.9)}
                </text>
            ))}
            {denied && (
                <text x={x + 12} y={y + 38} className="node-line">
                    {words.no_conduit}
                </text>
            )}
            {node.partition && (
                <>
                    <SignIn signal={health_signal(node.partition.health, fresh)} x={x + 12} y={y + 75} />
                    <SignIn signal={{ ...attestation_signal(node.partition.attestation, node.partition.trust_anchor, fresh), tag: undefined }} x={x + 92} y={y + 75} />
                </>
            )}
            {node.kind === 'interface' && (
                <g className={node.dropped ? 'tone-warn' : 'tone-none'}>
                    <IconIn name={node.dropped ? 'deny' : 'check'} x={x + 12} y={y + 43} className="sign-icon" size={13} />
                    <text x={x + 29} y={y + 54} className="node-sign">
                        {node.dropped ? words.dropped_short(count_words(node.dropped)) : words.nothing_dropped}
                    </text>
                </g>
            )}
        </g>
    );
}

function curve(from: PictureNode, to: PictureNode, edge: PictureEdge, at: number, of: number): string {
    // A conduit's second half goes back to the left: from below its box to the zone's right side.
    const back = edge.kind === 'arrive';
    const spread = (node: PictureNode, share: number) => node.y + node.height * share;
    const share = of > 1 ? 0.3 + (0.5 * at) / (of - 1) : 0.5;
    if (back) {
        const [x1, y1] = [from.x, spread(from, 0.72)];
        const [x2, y2] = [to.x + to.width, spread(to, share)];
        const middle = (x1 + x2) / 2 + 4;
        return `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2 + 5} ${y2}`;
    }
    const [x1, y1] = [from.x + from.width, edge.kind === 'holds' ? spread(from, 0.5) : spread(from, share)];
    const [x2, y2] = [to.x, edge.kind === 'flow' ? spread(to, 0.32) : spread(to, 0.5)];
    const middle = (x1 + x2) / 2;
    return `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

interface Props {
    gateway: string;
    partitions: PartitionView[];
    devices: DeviceView[];
    zones: ZoneView[];
    conduits: ConduitView[];
    fresh: boolean;
}

export function Picture({ gateway, partitions, devices, zones, conduits, fresh }: Props) {
    const [, navigate] = useLocation();
    const picture = useMemo(() => draw(partitions, devices, zones, conduits), [partitions, devices, zones, conduits]);
    const tenants = [...new Set([...partitions, ...devices, ...zones].map((one) => one.tenant).filter(Boolean))].sort();
    const by_id = new Map(picture.nodes.map((node) => [node.id, node]));
    const label = words.picture_label(partitions.length, devices.length, conduits.length, denied_pairs(partitions.map((one) => one.name), conduits).length);
    // Edges at one zone's right side are spread, in the order of their other ends.
    const at_zone = (edge: PictureEdge) => {
        const zone = edge.kind === 'arrive' ? edge.to : edge.from;
        const other = (one: PictureEdge) => by_id.get(one.kind === 'arrive' ? one.from : one.to)?.y ?? 0;
        const all = picture.edges
            .filter((one) => one.kind !== 'holds' && (one.kind === 'arrive' ? one.to : one.from) === zone)
            .sort((a, b) => other(a) - other(b));
        return [all.indexOf(edge), all.length] as const;
    };
    return (
        <div className="picture panel">
            <div className="picture-scroll" tabIndex={0} role="group" aria-label={words.picture}>
                <svg role="img" aria-label={label} viewBox={`-4 0 ${picture.width + 8} ${picture.height}`} style={{ minWidth: picture.width * 0.85, maxWidth: picture.width * 1.15 }}>
                    <defs>
                        {['flow', 'broken'].map((kind) => (
                            <marker key={kind} id={`arrow-${kind}`} viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
                                <path className={`arrow-${kind}`} d="M0 0.5L7 4L0 7.5z" />
                            </marker>
                        ))}
                    </defs>
                    {picture.columns.map((column) => (
                        <text key={column.title} x={column.x} y={18} className="column-title">
                            {words.column[column.title]}
                        </text>
                    ))}
                    {picture.edges.map((edge) => {
                        const from = by_id.get(edge.from);
                        const to = by_id.get(edge.to);
                        if (!from || !to) return null;
                        const [at, of] = edge.kind === 'holds' ? [0, 1] : at_zone(edge);
                        return (
                            <path
                                key={`${edge.from} ${edge.to} ${edge.kind}`}
                                className={`edge edge-${edge.kind} ${edge.broken ? 'broken' : ''}`}
                                d={curve(from, to, edge, at, of)}
                                markerEnd={edge.kind === 'arrive' ? `url(#arrow-${edge.broken ? 'broken' : 'flow'})` : undefined}
                            />
                        );
                    })}
                    {picture.nodes.map((node) => (
                        <NodeBox
                            key={node.id}
                            node={node}
                            fresh={fresh}
                            hue={node.tenant ? tenants.indexOf(node.tenant) % 6 : -1}
                            open={node.partition ? () => navigate(`/gateways/${encodeURIComponent(gateway)}/partitions/${encodeURIComponent(node.title)}`) : undefined}
                        />
                    ))}
                </svg>
            </div>
            <ul className="legend">
                {tenants.map((tenant, at) => (
                    <li key={tenant}>
                        <span className={`swatch tenant-${at % 6}`} />
                        {tenant}
                    </li>
                ))}
                <li>
                    <svg width="28" height="10" aria-hidden="true"><path className="edge edge-flow" d="M0 5H28" /></svg>
                    {words.legend.flow}
                </li>
                <li>
                    <svg width="28" height="10" aria-hidden="true"><path className="edge edge-denied" d="M0 5H28" /></svg>
                    {words.legend.denied}
                </li>
                {picture.more_denied > 0 && <li>{words.more_denied(picture.more_denied)}</li>}
            </ul>
        </div>
    );
}
