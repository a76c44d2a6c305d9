// Draws model/picture.ts: bus, device, partition, interface, zone, router, conduit, and who was and is denied.
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { denied_pairs } from '../model/paths';
import { draw, type Facts, type PictureEdge, type PictureNode } from '../model/picture';
import { refusals } from '../model/refusals';
import { texts } from '../texts/en';
import { useViewer } from '../ui/session';
import { NodeBox } from './PictureNode';

const words = texts.gateway;

// Edges that end at a zone's right side.
const comes_back = (edge: PictureEdge) => edge.kind === 'arrive' || edge.kind === 'unreached';
const has_share = (edge: PictureEdge) => edge.kind !== 'holds' && edge.kind !== 'serves';

// A bracket at the left side: a router's zones stand above it.
function bracket(router: PictureNode, zone: PictureNode): string {
    const [y1, y2] = [zone.y + zone.height - 12, router.y + 16];
    return `M${zone.x} ${y1}h-7q-6 0 -6 6V${y2 - 6}q0 6 6 6h7`;
}

function curve(from: PictureNode, to: PictureNode, edge: PictureEdge, share: number): string {
    if (edge.kind === 'serves') return bracket(from, to);
    const at = (node: PictureNode, part: number) => node.y + node.height * part;
    if (comes_back(edge)) {
        // A conduit's second half goes back to the left: from below its box to the zone's right side.
        const [x1, y1] = [from.x, at(from, 0.76)];
        const [x2, y2] = [to.x + to.width, at(to, share)];
        const middle = (x1 + x2) / 2 + 4;
        return `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2 + 5} ${y2}`;
    }
    const [x1, y1] = [from.x + from.width, edge.kind === 'holds' ? at(from, 0.5) : at(from, share)];
    const [x2, y2] = [to.x - (edge.kind === 'refused' ? 5 : 0), edge.kind === 'flow' || edge.kind === 'refused' ? at(to, 0.3) : at(to, 0.5)];
    const middle = (x1 + x2) / 2;
    return `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

function marker_of(edge: PictureEdge): string | undefined {
    if (edge.kind === 'refused') return 'url(#stop)';
    if (edge.kind === 'arrive') return `url(#arrow-${edge.broken ? 'broken' : 'flow'})`;
    return undefined;
}

function Markers() {
    return (
        <defs>
            {['flow', 'broken'].map((kind) => (
                <marker key={kind} id={`arrow-${kind}`} viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
                    <path className={`arrow-${kind}`} d="M0 0.5L7 4L0 7.5z" />
                </marker>
            ))}
            <marker id="stop" viewBox="0 0 8 12" refX="4" refY="6" markerWidth="8" markerHeight="12" markerUnits="userSpaceOnUse" orient="auto">
                <path className="stop" d="M4 0V12" />
            </marker>
        </defs>
    );
}

// A sample of an edge, with its end.
function Sample({ kind, children }: { kind: string; children: string }) {
    return (
        <li>
            <svg width="28" height="12" aria-hidden="true">
                <path className={`edge edge-${kind}`} d={kind === 'refused' ? 'M0 6H24' : 'M0 6H28'} />
                {kind === 'refused' && <path className="stop" d="M26 0V12" />}
            </svg>
            {children}
        </li>
    );
}

export function Picture({ gateway, fresh, ...facts }: Facts & { gateway: string; fresh: boolean }) {
    const [, navigate] = useLocation();
    const viewer = useViewer();
    const { partitions, devices, zones, conduits, routers, denials } = facts;
    const picture = useMemo(
        () => draw({ partitions, devices, zones, conduits, routers, denials }),
        [partitions, devices, zones, conduits, routers, denials],
    );
    const tenants = [...new Set([...partitions, ...devices, ...zones, ...routers].map((one) => one.tenant).filter(Boolean))].sort();
    const by_id = new Map(picture.nodes.map((node) => [node.id, node]));
    const label = words.picture_label({
        partitions: partitions.length, devices: devices.length, conduits: conduits.length, routers: routers.length,
        denied: denied_pairs(partitions.map((one) => one.name), conduits).length, refused: refusals(denials).length,
    });
    const place = (edge: PictureEdge) => (comes_back(edge) ? edge.to : edge.from);
    // Edges at one zone's right side are spread, in the order of their other ends.
    const share_of = (edge: PictureEdge) => {
        const other = (one: PictureEdge) => by_id.get(comes_back(one) ? one.from : one.to)?.y ?? 0;
        const all = picture.edges.filter((one) => has_share(one) && place(one) === place(edge)).sort((a, b) => other(a) - other(b));
        return all.length > 1 ? 0.2 + (0.6 * all.indexOf(edge)) / (all.length - 1) : 0.5;
    };
    const has = (kind: PictureEdge['kind']) => picture.edges.some((edge) => edge.kind === kind);
    return (
        <div className="picture panel">
            <div className="picture-scroll" tabIndex={0} role="group" aria-label={words.picture}>
                <svg role="img" aria-label={label} viewBox={`-4 0 ${picture.width + 8} ${picture.height}`} style={{ minWidth: picture.width * 0.85, maxWidth: picture.width * 1.15 }}>
                    <Markers />
                    {picture.columns.map((column) => (
                        <text key={column.title} x={column.x} y={18} className="column-title">
                            {column.title === 'zone' && routers.length > 0 ? words.column_routers : words.column[column.title]}
                        </text>
                    ))}
                    {picture.edges.map((edge) => {
                        const from = by_id.get(edge.from);
                        const to = by_id.get(edge.to);
                        if (!from || !to) return null;
                        const tenant = edge.kind === 'serves' ? tenants.indexOf(from.tenant) % 6 : -1;
                        return (
                            <path
                                key={`${edge.from} ${edge.to} ${edge.kind}`}
                                className={`edge edge-${edge.kind} ${edge.broken ? 'broken' : ''} ${tenant >= 0 ? `of-tenant-${tenant}` : ''}`}
                                d={curve(from, to, edge, has_share(edge) ? share_of(edge) : 0.5)}
                                markerEnd={marker_of(edge)}
                            />
                        );
                    })}
                    {picture.nodes.map((node) => (
                        <NodeBox
                            key={node.id}
                            node={node}
                            fresh={fresh}
                            hue={node.tenant ? tenants.indexOf(node.tenant) % 6 : -1}
                            elsewhere={viewer.tenant ? words.elsewhere : words.outside}
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
                <Sample kind="flow">{words.legend.flow}</Sample>
                {has('refused') && <Sample kind="refused">{words.legend.refused}</Sample>}
                {has('denied') && <Sample kind="denied">{words.legend.denied}</Sample>}
                {picture.more_refused > 0 && <li>{words.more_refused(picture.more_refused)}</li>}
                {picture.more_denied > 0 && <li>{words.more_denied(picture.more_denied)}</li>}
            </ul>
        </div>
    );
}
