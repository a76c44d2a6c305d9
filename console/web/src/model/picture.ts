// The gateway as a picture: columns bus, device, partition, interface, zone, conduit, and where each node and edge
// stands. Pure: the component only draws.
import type { ConduitView, DeviceView, PartitionView, ZoneView } from '../api/types';
import { denied_pairs } from './paths';

export type NodeKind = 'bus' | 'device' | 'partition' | 'interface' | 'zone' | 'conduit' | 'denied';
export interface PictureNode {
    id: string;
    kind: NodeKind;
    column: number;
    x: number;
    y: number;
    width: number;
    height: number;
    title: string;
    lines: string[];
    tenant: string;
    partition?: PartitionView;
    device?: DeviceView;
    conduit?: ConduitView;
    dropped?: number;
}
export interface PictureEdge {
    from: string;
    to: string;
    kind: 'holds' | 'flow' | 'arrive' | 'denied';
    broken: boolean;
}
export interface Picture {
    nodes: PictureNode[];
    edges: PictureEdge[];
    width: number;
    height: number;
    columns: { title: NodeKind; x: number; width: number }[];
    more_denied: number;
}

const widths = [150, 128, 192, 138, 132, 190];
// Conduits come and go on the zones' right side: they need room.
const gaps = [34, 34, 34, 34, 72, 0];
const top = 40;
const row_gap = 14;
const shown_denied = 4;

export function bus_of(device: DeviceView): string {
    const at = device.at;
    const cut = at.lastIndexOf('/');
    return cut > 0 ? at.slice(0, cut) : at || device.kind;
}

function left_of(column: number): number {
    return widths.slice(0, column).reduce((sum, width, at) => sum + width + (gaps[at] ?? 0), 0);
}

export function draw(
    partitions: PartitionView[],
    devices: DeviceView[],
    zones: ZoneView[],
    conduits: ConduitView[],
): Picture {
    const nodes: PictureNode[] = [];
    const edges: PictureEdge[] = [];
    const ends = widths.map(() => top);
    const put = (
        node: Omit<PictureNode, 'x' | 'y' | 'width' | 'height'>,
        wanted = 0,
        height = 30 + node.lines.length * 16,
    ): PictureNode => {
        const y = Math.max(ends[node.column] ?? top, wanted);
        const whole = { ...node, x: left_of(node.column), y, width: widths[node.column] ?? 120, height };
        ends[node.column] = y + height + row_gap;
        nodes.push(whole);
        return whole;
    };
    const link = (from: string, to: string, kind: PictureEdge['kind'], broken = false) =>
        edges.push({ from, to, kind, broken });

    // Each partition is a band as high as the larger of its devices' and interfaces' stacks, so edges stay level.
    let band = top;
    const order = [...partitions].sort((a, b) => a.name.localeCompare(b.name));
    const put_device = (device: DeviceView, wanted: number) =>
        put(
            {
                id: `device/${device.name}`, kind: 'device', column: 1, title: device.name, tenant: device.tenant,
                lines: [device.guest_path || device.kind, device.line].filter(Boolean), device,
            },
            wanted,
        );
    for (const partition of order) {
        const id = `partition/${partition.name}`;
        const node = put(
            {
                id, kind: 'partition', column: 2, title: partition.name, tenant: partition.tenant, partition,
                lines: [partition.tenant, partition.application?.name ?? ''].filter(Boolean),
            },
            band,
            86,
        );
        for (const device of devices.filter((one) => one.partition === partition.name)) {
            put_device(device, node.y);
            link(`device/${device.name}`, id, 'holds', !device.present || device.error !== '');
        }
        for (const one of partition.interfaces ?? []) {
            const dropped = Object.values(one.dropped ?? {}).reduce((sum, frames) => sum + frames, 0);
            put(
                {
                    id: `interface/${one.name}`, kind: 'interface', column: 3, title: one.address || one.name,
                    tenant: partition.tenant, lines: [one.name], dropped,
                },
                node.y,
                // A line of its own for what was dropped.
                62,
            );
            link(id, `interface/${one.name}`, 'holds');
            if (one.zone) link(`interface/${one.name}`, `zone/${one.zone}`, 'holds');
        }
        band = Math.max(node.y + node.height + row_gap, ends[1] ?? top, ends[3] ?? top) + 8;
    }
    for (const device of devices.filter((one) => !order.some((owner) => owner.name === one.partition)))
        put_device(device, band);

    const center = (node: PictureNode | undefined) => (node ? node.y + node.height / 2 : top);
    const by_id = (id: string) => nodes.find((node) => node.id === id);
    for (const bus of new Set(devices.map(bus_of))) {
        const mine = devices.filter((device) => bus_of(device) === bus).map((one) => by_id(`device/${one.name}`));
        const middle = mine.reduce((sum, node) => sum + center(node), 0) / Math.max(1, mine.length);
        put({ id: `bus/${bus}`, kind: 'bus', column: 0, title: bus.split('/').pop() ?? bus, tenant: '', lines: [bus] }, middle - 23);
        for (const device of devices.filter((one) => bus_of(one) === bus))
            link(`bus/${bus}`, `device/${device.name}`, 'holds', !device.present);
    }
    const zone_names = [...new Set([...order.flatMap((one) => (one.interfaces ?? []).map((i) => i.zone)), ...zones.map((zone) => zone.name)])];
    const wanted_of = (zone: string) => {
        const first = edges.find((edge) => edge.to === `zone/${zone}`);
        return first ? (by_id(first.from)?.y ?? top) : 0;
    };
    for (const name of zone_names.filter(Boolean).sort((a, b) => wanted_of(a) - wanted_of(b))) {
        const zone = zones.find((one) => one.name === name);
        put({ id: `zone/${name}`, kind: 'zone', column: 4, title: name, tenant: zone?.tenant ?? '', lines: [zone?.subnet ?? ''].filter(Boolean) }, wanted_of(name), 62);
    }
    const zone_of = (partition: string) =>
        order.find((one) => one.name === partition)?.interfaces?.find((one) => one.zone)?.zone;
    const source_y = (conduit: ConduitView) => by_id(`zone/${zone_of(conduit.from) ?? ''}`)?.y ?? 0;
    for (const conduit of [...conduits].sort((a, b) => source_y(a) - source_y(b) || a.name.localeCompare(b.name))) {
        const id = `conduit/${conduit.name}`;
        const source = zone_of(conduit.from);
        put(
            {
                id, kind: 'conduit', column: 5, title: conduit.name, tenant: '', conduit,
                lines: [`${conduit.from} → ${conduit.to}`, (conduit.allow ?? []).join(', ')],
            },
            source_y(conduit),
        );
        const target = zone_of(conduit.to);
        if (source) link(`zone/${source}`, id, 'flow', !conduit.open);
        if (target) link(id, `zone/${target}`, 'arrive', !conduit.open);
    }
    const denied = denied_pairs(order.filter((one) => (one.interfaces ?? []).length > 0).map((one) => one.name), conduits);
    for (const { a, b } of denied.slice(0, shown_denied)) {
        const id = `denied/${a}/${b}`;
        put({ id, kind: 'denied', column: 5, title: `${a} ⇹ ${b}`, tenant: '', lines: [] }, 0, 48);
        for (const end of [a, b]) {
            const zone = zone_of(end);
            if (zone) link(`zone/${zone}`, id, 'denied');
        }
    }
    const height = Math.max(...ends, 120) + 6;
    return {
        nodes,
        edges,
        width: left_of(5) + (widths[5] ?? 0),
        height,
        columns: (['bus', 'device', 'partition', 'interface', 'zone', 'conduit'] as const).map((title, at) => ({
            title, x: left_of(at), width: widths[at] ?? 0,
        })),
        more_denied: Math.max(0, denied.length - shown_denied),
    };
}
