import { describe, expect, it } from 'vitest';
import type { ConduitView, DenialView, DeviceView, HistoryPoint, PartitionView, RouterView, ZoneView } from '../../src/api/types';
import { why_not } from '../../src/model/actions';
import { backoff_ms } from '../../src/model/backoff';
import { filter_from, labels_from, next_sort, query_of, with_change } from '../../src/model/filter';
import { denied_pairs, drops_of, verdict } from '../../src/model/paths';
import { bus_of, draw } from '../../src/model/picture';
import { refusals } from '../../src/model/refusals';
import { segments, window_of } from '../../src/model/timeline';

const conduit = (from: string, to: string, open = true): ConduitView => ({
    gateway: 'g', name: `${from}-${to}`, from, to, allow: ['tcp/1'], because: 'x', open, packets: 0, bytes: 0, connections: 0, dropped: 0,
});
const partition = (name: string, more: Partial<PartitionView> = {}) => ({ gateway: 'g', name, tenant: name, ...more }) as PartitionView;
const port = (name: string, zone: string, dropped = {}) => ({ name, zone, address: '10.0.0.1', mac: '', received: 0, delivered: 0, dropped });

describe('paths', () => {
    it('tells an open way, answers, a closed way and a denied one apart', () => {
        const conduits = [conduit('a', 'b'), conduit('c', 'a', false)];
        expect(verdict('a', 'b', conduits).kind).toBe('open');
        expect(verdict('b', 'a', conduits).kind).toBe('answers');
        expect(verdict('c', 'a', conduits).kind).toBe('closed');
        expect(verdict('a', 'c', conduits).kind).toBe('denied');
        expect(verdict('a', 'a', conduits).kind).toBe('self');
    });
    it('counts a pair as denied unless a conduit is in force one way', () => {
        expect(denied_pairs(['a', 'b', 'c'], [conduit('b', 'a'), conduit('a', 'c', false)])).toEqual([{ a: 'a', b: 'c' }, { a: 'b', b: 'c' }]);
    });
    it('sums drops over interfaces, most first, without zeros', () => {
        const one = partition('a', { interfaces: [port('p', 'z', { no_conduit: 2, vlan: 0 }), port('q', 'z', { no_conduit: 3, runt: 9 })] });
        expect(drops_of(one)).toEqual([{ reason: 'runt', frames: 9 }, { reason: 'no_conduit', frames: 5 }]);
    });
});

const denial = (from: string, to: string, more: Partial<DenialView> = {}): DenialView => ({
    gateway: 'g', from, to, address: '10.0.0.9', service: 'tcp/22', reason: 'no_conduit', count: 1, last: '2026-01-01T00:00:00Z', last_seconds: 0, ...more,
});

describe('refusals', () => {
    it('are one for each pair of ends, whatever interface and reason, the latest first', () => {
        const made = refusals([
            denial('a', 'b', { count: 2 }),
            denial('b', 'a'),
            denial('a/za', 'b', { reason: 'service', service: 'icmp', count: 5, last: '2026-01-02T00:00:00Z' }),
        ]);
        expect(made.map((one) => [one.from, one.to, one.count])).toEqual([['a', 'b', 7], ['b', 'a', 1]]);
        expect(made[0]).toMatchObject({ reasons: [{ reason: 'service', count: 5 }, { reason: 'no_conduit', count: 2 }], services: ['tcp/22', 'icmp'], last: '2026-01-02T00:00:00Z' });
    });
    it('go by address where nobody of the switch was meant', () => {
        expect(refusals([denial('a', ''), denial('a', '', { address: '10.0.0.8' }), denial('a', '')])).toHaveLength(2);
    });
});

describe('picture', () => {
    const none = { partitions: [], devices: [], zones: [], conduits: [], routers: [], denials: [] };
    const router = (tenant: string, ...zones: string[]) =>
        ({ gateway: 'g', tenant, zones, state: 'working', problem: '', uplinks: [{ name: 'plant' }], leases: 0 }) as unknown as RouterView;
    const device = { name: 'd', at: '/dev/serial/by-path/usb-1', partition: 'a', present: true, error: '' } as DeviceView;
    const two = [partition('a', { interfaces: [port('p', 'za')] }), partition('b', { interfaces: [port('q', 'zb')] })];
    it('leads from bus to conduit and shows what is denied', () => {
        const picture = draw({ ...none, partitions: [...two, partition('c', { interfaces: [port('r', 'zc')] })], devices: [device], conduits: [conduit('a', 'b')] });
        const edges = picture.edges.map((edge) => `${edge.from}>${edge.to}`);
        expect(edges).toEqual(expect.arrayContaining(['bus//dev/serial/by-path>device/d', 'device/d>partition/a', 'partition/a>interface/p', 'interface/p>zone/za', 'zone/za>conduit/a-b', 'conduit/a-b>zone/zb']));
        expect(picture.nodes.filter((node) => node.kind === 'denied').map((node) => node.id)).toEqual(['denied/a/c', 'denied/b/c']);
    });
    it('never lets two nodes of a column overlap', () => {
        const many = Array.from({ length: 12 }, (_, at) => partition(`p${at}`, { interfaces: [port(`i${at}`, `z${at % 3}`), port(`j${at}`, 'z')] }));
        const picture = draw({ ...none, partitions: many, devices: [device, { ...device, name: 'free', partition: '' }], conduits: [conduit('p1', 'p2'), conduit('p3', 'p2')] });
        for (const a of picture.nodes)
            for (const b of picture.nodes)
                if (a !== b && a.column === b.column) expect(a.y + a.height <= b.y || b.y + b.height <= a.y, `${a.id} ${b.id}`).toBe(true);
        expect(picture.more_denied).toBe((12 * 11) / 2 - 2 - 4);
    });
    it('puts a router below its zones, which stand together, and what is nowhere else outside', () => {
        const zones = [
            { gateway: 'g', name: 'zb', tenant: 'b', subnet: '', members: ['b 10.0.0.1', 'plc-1 10.0.0.2'] },
            ...['za', 'zc'].map((name) => ({ gateway: 'g', name, tenant: 'a', subnet: '', members: [] })),
        ] as ZoneView[];
        const three = [...two, partition('c', { interfaces: [port('r', 'zc')] })];
        const picture = draw({ ...none, partitions: three, zones, conduits: [conduit('a', 'updates'), conduit('plc-1', 'c')], routers: [router('a', 'za', 'zc')] });
        const column = picture.nodes.filter((node) => node.column === 4).map((node) => node.id);
        expect(column).toEqual(['zone/za', 'zone/zc', 'router/a', 'zone/zb', 'outside/updates']);
        const edges = picture.edges.map((edge) => `${edge.from}>${edge.to}`);
        expect(edges).toEqual(expect.arrayContaining(['router/a>zone/za', 'router/a>zone/zc', 'conduit/a-updates>outside/updates', 'zone/zb>conduit/plc-1-c']));
    });
    it('shows who was refused apart from who has no path, and how many more there are', () => {
        const zones = [{ gateway: 'g', name: 'za', tenant: 'a', subnet: '', members: [] }] as ZoneView[];
        const denials = [denial('a', 'b'), denial('router of za', 'a', { reason: 'direction' }), ...Array.from({ length: 6 }, (_, at) => denial('a', '', { address: `10.0.1.${at}` }))];
        const picture = draw({ ...none, partitions: two, zones, routers: [router('a', 'za')], denials });
        const edges = picture.edges.map((edge) => `${edge.kind} ${edge.from}>${edge.to}`);
        expect(edges).toEqual(expect.arrayContaining(['refused zone/za>refused/a/b', 'unreached refused/a/b>zone/zb', 'refused router/a>refused/router of za/a']));
        expect(picture.nodes.filter((node) => node.kind === 'denied')).toEqual([]);
        expect(picture.more_refused).toBe(2);
    });
    it('leads what a vendor may not see nowhere', () => {
        const picture = draw({ ...none, partitions: two, denials: [denial('', 'a')] });
        expect(picture.edges.filter((edge) => edge.kind === 'refused')).toEqual([]);
        expect(picture.edges.map((edge) => `${edge.kind} ${edge.to}`)).toContain('unreached zone/za');
    });
    it('leaves out what no spec declares', () => {
        const stray = { ...device, name: '', id: 'pci:0000:00:02.0' };
        expect(draw({ ...none, partitions: [], devices: [stray] }).nodes).toEqual([]);
    });
    it('names the bus by the place of the device', () => expect(bus_of(device)).toBe('/dev/serial/by-path'));
});

describe('timeline', () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
    const points: HistoryPoint[] = [
        { time: at(30), kind: 'health', value: 'ok', reason: '' },
        { time: at(10), kind: 'health', value: 'degraded', reason: 'device is gone' },
        { time: at(20), kind: 'attestation', value: 'trusted', reason: '' },
    ];
    it('makes segments from points, unknown before the first', () => {
        const made = segments(points, 'health', Date.parse(at(0)), Date.parse(at(40)));
        expect(made.map((one) => [one.value, (one.to - one.from) / 60_000])).toEqual([['', 10], ['degraded', 20], ['ok', 10]]);
    });
    it('cuts off what was before the window', () => {
        const made = segments(points, 'health', Date.parse(at(20)), Date.parse(at(40)));
        expect(made.map((one) => one.value)).toEqual(['degraded', 'ok']);
        expect(made[0]?.from).toBe(Date.parse(at(20)));
    });
    it('ignores times that are none', () => {
        expect(segments([{ time: 'soon', kind: 'health', value: 'ok', reason: '' }], 'health', 0, 1)).toEqual([{ from: 0, to: 1, value: '', reason: '' }]);
    });
    it('takes the shortest window that shows all', () => {
        expect(window_of(points, Date.parse(at(40)))).toBe(3_600_000);
        expect(window_of(points, Date.parse(at(90)))).toBe(6 * 3_600_000);
    });
});

describe('filter', () => {
    it('survives the way through the address', () => {
        const text = 'search=press&site=hall+2&label=line%3D3&label=plant%3Dnorth&health=ok&attestation=stale&sort=-site&page_token=50';
        expect(query_of(filter_from(text))).toBe(text);
    });
    it('begins at the first page when it changes', () => {
        expect(with_change(filter_from('page_token=50'), { site: 'x' }).page_token).toBe('');
    });
    it('turns the order round at the second click', () => {
        expect(next_sort('name', 'site')).toBe('site');
        expect(next_sort('site', 'site')).toBe('-site');
        expect(next_sort('-site', 'site')).toBe('site');
    });
    it('takes only whole labels', () => expect(labels_from('line=3, plant lin =x a=')).toEqual(['line=3', 'a=']));
});

describe('actions', () => {
    const facts = { state: 'running', connected: true, lost: false, busy: false };
    const lock = { by: 'user:olga', reason: 'calibration', since: '' };
    it('say who locked and why', () => {
        expect(why_not('restart', { ...facts, lock })).toContain('calibration');
        expect(why_not('stop', { ...facts, lock })).toContain('user:olga');
        expect(why_not('unlock', { ...facts, lock })).toBeUndefined();
    });
    it('are not offered on a lost line or to an offline gateway', () => {
        for (const verb of ['start', 'stop', 'restart', 'lock', 'unlock'] as const) {
            expect(why_not(verb, { ...facts, state: 'stopped', lost: true })).toBeDefined();
            expect(why_not(verb, { ...facts, state: 'stopped', connected: false })).toBeDefined();
        }
    });
    it('start what is off and stop what is on', () => {
        expect(why_not('start', facts)).toBeDefined();
        expect(why_not('start', { ...facts, state: 'stopped' })).toBeUndefined();
        expect(why_not('stop', { ...facts, state: 'stopped' })).toBeDefined();
        expect(why_not('stop', facts)).toBeUndefined();
    });
});

it('waits longer after each failure, never above 20 s, and not all at once', () => {
    expect(backoff_ms(0, 0.5)).toBe(500);
    expect(backoff_ms(1, 0.5)).toBe(1000);
    expect(backoff_ms(1000, 1)).toBeLessThanOrEqual(20_000);
    expect(backoff_ms(3, 0)).not.toBe(backoff_ms(3, 1));
});
