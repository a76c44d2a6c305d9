import { describe, expect, it } from 'vitest';
import type { ConduitView, DeviceView, HistoryPoint, PartitionView } from '../../src/api/types';
import { why_not } from '../../src/model/actions';
import { backoff_ms } from '../../src/model/backoff';
import { filter_from, labels_from, next_sort, query_of, with_change } from '../../src/model/filter';
import { denied_pairs, drops_of, verdict } from '../../src/model/paths';
import { bus_of, draw } from '../../src/model/picture';
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

describe('picture', () => {
    const device = { name: 'd', at: '/dev/serial/by-path/usb-1', partition: 'a', present: true, error: '' } as DeviceView;
    const two = [partition('a', { interfaces: [port('p', 'za')] }), partition('b', { interfaces: [port('q', 'zb')] })];
    it('leads from bus to conduit and shows what is denied', () => {
        const picture = draw([...two, partition('c', { interfaces: [port('r', 'zc')] })], [device], [], [conduit('a', 'b')]);
        const edges = picture.edges.map((edge) => `${edge.from}>${edge.to}`);
        expect(edges).toEqual(expect.arrayContaining(['bus//dev/serial/by-path>device/d', 'device/d>partition/a', 'partition/a>interface/p', 'interface/p>zone/za', 'zone/za>conduit/a-b', 'conduit/a-b>zone/zb']));
        expect(picture.nodes.filter((node) => node.kind === 'denied').map((node) => node.id)).toEqual(['denied/a/c', 'denied/b/c']);
    });
    it('never lets two nodes of a column overlap', () => {
        const many = Array.from({ length: 12 }, (_, at) => partition(`p${at}`, { interfaces: [port(`i${at}`, `z${at % 3}`), port(`j${at}`, 'z')] }));
        const picture = draw(many, [device, { ...device, name: 'free', partition: '' }], [], [conduit('p1', 'p2'), conduit('p3', 'p2')]);
        for (const a of picture.nodes)
            for (const b of picture.nodes)
                if (a !== b && a.column === b.column) expect(a.y + a.height <= b.y || b.y + b.height <= a.y, `${a.id} ${b.id}`).toBe(true);
        expect(picture.more_denied).toBe((12 * 11) / 2 - 2 - 4);
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
