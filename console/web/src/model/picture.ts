// The gateway as a picture: columns bus, device, partition, interface, zone, conduit, and where each node and edge
// stands. Pure: the component only draws.
import type { ConduitView, DenialView, DeviceView, PartitionView, RouterView, ZoneView } from '../api/types';
import { denied_pairs } from './paths';
import { owner_of, refusals, type Refusal } from './refusals';
import { columns, left_of, row_gap, Sheet, top, width_of, type PictureEdge, type PictureNode } from './sheet';

export type { NodeKind, PictureEdge, PictureNode } from './sheet';
export interface Facts {
    partitions: PartitionView[];
    devices: DeviceView[];
    zones: ZoneView[];
    conduits: ConduitView[];
    routers: RouterView[];
    denials: DenialView[];
}
export interface Picture {
    nodes: PictureNode[];
    edges: PictureEdge[];
    width: number;
    height: number;
    columns: { title: (typeof columns)[number]; x: number; width: number }[];
    more_refused: number;
    more_denied: number;
}

const shown_refused = 6;
const shown_denied = 4;

export function bus_of(device: DeviceView): string {
    const at = device.at;
    const cut = at.lastIndexOf('/');
    return cut > 0 ? at.slice(0, cut) : at || device.kind;
}

function put_device(sheet: Sheet, device: DeviceView, wanted: number) {
    sheet.put(
        {
            id: `device/${device.name}`, kind: 'device', column: 1, title: device.name, tenant: device.tenant,
            lines: [device.guest_path || device.kind, device.line].filter(Boolean), device,
        },
        wanted,
    );
}

// Each partition is a band as high as the larger of its devices' and interfaces' stacks, so edges stay level.
function put_partitions(sheet: Sheet, partitions: PartitionView[], devices: DeviceView[]) {
    let band = top;
    for (const partition of partitions) {
        const id = `partition/${partition.name}`;
        const lines = [partition.tenant, partition.application?.name ?? ''].filter(Boolean);
        const node = sheet.put({ id, kind: 'partition', column: 2, title: partition.name, tenant: partition.tenant, partition, lines }, band, 86);
        for (const device of devices.filter((one) => one.partition === partition.name)) {
            put_device(sheet, device, node.y);
            sheet.link(`device/${device.name}`, id, 'holds', !device.present || device.error !== '');
        }
        for (const one of partition.interfaces ?? []) {
            const dropped = Object.values(one.dropped ?? {}).reduce((sum, frames) => sum + frames, 0);
            const shown = { title: one.address || one.name, tenant: partition.tenant, lines: [one.name], dropped };
            // A line of its own for what was dropped.
            sheet.put({ id: `interface/${one.name}`, kind: 'interface', column: 3, ...shown }, node.y, 62);
            sheet.link(id, `interface/${one.name}`, 'holds');
            if (one.zone) sheet.link(`interface/${one.name}`, `zone/${one.zone}`, 'holds');
        }
        band = Math.max(node.y + node.height + row_gap, sheet.end_of(1), sheet.end_of(3)) + 8;
    }
    for (const device of devices.filter((one) => !partitions.some((owner) => owner.name === one.partition))) put_device(sheet, device, band);
}

function put_buses(sheet: Sheet, devices: DeviceView[]) {
    const center = (node: PictureNode | undefined) => (node ? node.y + node.height / 2 : top);
    for (const bus of new Set(devices.map(bus_of))) {
        const mine = devices.filter((device) => bus_of(device) === bus);
        const middle = mine.reduce((sum, device) => sum + center(sheet.node(`device/${device.name}`)), 0) / Math.max(1, mine.length);
        sheet.put({ id: `bus/${bus}`, kind: 'bus', column: 0, title: bus.split('/').pop() ?? bus, tenant: '', lines: [bus] }, middle - 23);
        for (const device of mine) sheet.link(`bus/${bus}`, `device/${device.name}`, 'holds', !device.present);
    }
}

// Zones near their interfaces; those of one router together, and it below them.
function put_zones(sheet: Sheet, partitions: PartitionView[], zones: ZoneView[], routers: RouterView[]) {
    const used = partitions.flatMap((one) => (one.interfaces ?? []).map((each) => each.zone));
    const names = [...new Set([...used, ...zones.map((zone) => zone.name)])].filter(Boolean);
    const router_of = (zone: string) => routers.find((one) => (one.zones ?? []).includes(zone));
    const wanted_of = (zone: string) => {
        const first = sheet.edges.find((edge) => edge.to === `zone/${zone}`);
        return first ? (sheet.node(first.from)?.y ?? top) : 0;
    };
    const put_zone = (name: string) => {
        const zone = zones.find((one) => one.name === name);
        sheet.put({ id: `zone/${name}`, kind: 'zone', column: 4, title: name, tenant: zone?.tenant ?? '', lines: [zone?.subnet ?? ''].filter(Boolean) }, wanted_of(name), 62);
    };
    const put_router = (router: RouterView) => {
        const height = 50 + (router.state === 'working' ? 0 : 17) + 17 * (router.uplinks ?? []).length;
        sheet.put({ id: `router/${router.tenant}`, kind: 'router', column: 4, title: router.tenant, tenant: router.tenant, lines: [], router }, 0, height);
        for (const zone of router.zones ?? []) if (sheet.node(`zone/${zone}`)) sheet.link(`router/${router.tenant}`, `zone/${zone}`, 'serves', router.state !== 'working');
    };
    const groups = new Map<string, string[]>();
    for (const name of names.sort((a, b) => wanted_of(a) - wanted_of(b))) {
        const group = router_of(name)?.tenant;
        const key = group === undefined ? `zone ${name}` : `router ${group}`;
        groups.set(key, [...(groups.get(key) ?? []), name]);
    }
    // In a map, what came first stays first: groups go by their topmost zone.
    for (const group of groups.values()) {
        group.forEach(put_zone);
        const router = router_of(group[0] ?? '');
        if (router) put_router(router);
    }
    for (const router of routers) if (!sheet.node(`router/${router.tenant}`)) put_router(router);
}

// The node at which an end stands.
type Place = (end: string) => string | undefined;

// Where the ends of conduits and denials stand; what conduits name and is nowhere here gets a node: outsides, and for a
// vendor what is another tenant's.
function place_ends(sheet: Sheet, { partitions, zones, conduits, routers }: Facts): Place {
    const places = new Map<string, string>();
    for (const zone of zones) {
        for (const member of zone.members ?? []) places.set(member.split(' ')[0] ?? member, `zone/${zone.name}`);
        const router = routers.find((one) => (one.zones ?? []).includes(zone.name));
        if (router) places.set(`router of ${zone.name}`, `router/${router.tenant}`);
    }
    for (const one of partitions) {
        const zone = one.interfaces?.find((each) => each.zone)?.zone;
        if (zone) places.set(one.name, `zone/${zone}`);
    }
    const known = new Set(partitions.map((one) => one.name));
    for (const end of [...new Set(conduits.flatMap((one) => [one.from, one.to]))].filter(Boolean).sort())
        if (!places.has(end) && !known.has(end)) {
            sheet.put({ id: `outside/${end}`, kind: 'outside', column: 4, title: end, tenant: '', lines: [] }, 0, 48);
            places.set(end, `outside/${end}`);
        }
    return (end) => {
        const zone = `zone/${end.split('/')[1] ?? ''}`;
        return sheet.node(zone) ? zone : (places.get(end) ?? places.get(owner_of(end)));
    };
}

function put_conduit(sheet: Sheet, conduit: ConduitView, place_of: Place, wanted: number) {
    const id = `conduit/${conduit.name}`;
    const lines = [`${conduit.from} → ${conduit.to}`, (conduit.allow ?? []).join(', ')];
    sheet.put({ id, kind: 'conduit', column: 5, title: conduit.name, tenant: '', conduit, lines }, wanted);
    const source = place_of(conduit.from);
    const target = place_of(conduit.to);
    if (source) sheet.link(source, id, 'flow', !conduit.open);
    if (target) sheet.link(id, target, 'arrive', !conduit.open);
}

function put_refusal(sheet: Sheet, refusal: Refusal, place_of: Place, wanted: number) {
    const id = `refused/${refusal.from}/${refusal.to || refusal.address}`;
    const height = 48 + 16 * Math.min(2, refusal.reasons.length);
    sheet.put({ id, kind: 'refused', column: 5, title: '', tenant: '', lines: [], refusal }, wanted, height);
    const source = place_of(refusal.from);
    const target = refusal.to ? place_of(refusal.to) : undefined;
    if (source) sheet.link(source, id, 'refused');
    if (target) sheet.link(id, target, 'unreached');
}

// What opens from a place, and what was refused there, stand together beside it.
function put_paths(sheet: Sheet, conduits: ConduitView[], refused: Refusal[], place_of: Place) {
    const source_y = (end: string) => sheet.node(place_of(end) ?? '')?.y ?? 0;
    const all = [
        ...conduits.map((one) => ({ y: source_y(one.from), name: `conduit ${one.name}`, put: (wanted: number) => put_conduit(sheet, one, place_of, wanted) })),
        ...refused.map((one) => ({ y: source_y(one.from), name: `refused ${one.to}`, put: (wanted: number) => put_refusal(sheet, one, place_of, wanted) })),
    ];
    for (const one of all.sort((a, b) => a.y - b.y || a.name.localeCompare(b.name))) one.put(one.y);
}

// Pairs that no conduit joins and that were not refused just now. How many are not shown.
function put_denied(sheet: Sheet, { partitions, conduits }: Facts, refused: Refusal[], place_of: Place): number {
    const tried = (a: string, b: string) =>
        refused.some((one) => [a, b].includes(owner_of(one.from)) && [a, b].includes(owner_of(one.to)));
    const names = partitions.filter((one) => (one.interfaces ?? []).length > 0).map((one) => one.name);
    const denied = denied_pairs(names, conduits).filter(({ a, b }) => !tried(a, b));
    for (const { a, b } of denied.slice(0, shown_denied)) {
        const id = `denied/${a}/${b}`;
        sheet.put({ id, kind: 'denied', column: 5, title: `${a} ⇹ ${b}`, tenant: '', lines: [] }, 0, 48);
        for (const end of [a, b]) {
            const place = place_of(end);
            if (place) sheet.link(place, id, 'denied');
        }
    }
    return Math.max(0, denied.length - shown_denied);
}

export function draw(facts: Facts): Picture {
    const sheet = new Sheet();
    // Of one tenant together, so that its zones and its router can be.
    const partitions = [...facts.partitions].sort((a, b) => a.tenant.localeCompare(b.tenant) || a.name.localeCompare(b.name));
    const ordered = { ...facts, partitions };
    const declared = facts.devices.filter((one) => one.name !== '');
    put_partitions(sheet, ordered.partitions, declared);
    put_buses(sheet, declared);
    put_zones(sheet, ordered.partitions, facts.zones, facts.routers);
    const place_of = place_ends(sheet, ordered);
    const refused = refusals(facts.denials);
    put_paths(sheet, facts.conduits, refused.slice(0, shown_refused), place_of);
    const more_denied = put_denied(sheet, ordered, refused, place_of);
    return {
        nodes: sheet.nodes,
        edges: sheet.edges,
        width: left_of(5) + width_of(5),
        height: sheet.height,
        columns: columns.map((title, at) => ({ title, x: left_of(at), width: width_of(at) })),
        more_refused: Math.max(0, refused.length - shown_refused),
        more_denied,
    };
}
