// Which partitions may talk, and what is denied because no conduit joins them.
import type { ConduitView, PartitionView } from '../api/types';

export type Verdict =
    | { kind: 'self' }
    | { kind: 'open'; conduits: ConduitView[] }
    | { kind: 'closed'; conduits: ConduitView[] } // written down, but not in force in the kernel
    | { kind: 'answers'; conduits: ConduitView[] } // only answers to what the other one opened
    | { kind: 'denied' };

export function verdict(from: string, to: string, conduits: ConduitView[]): Verdict {
    if (from === to) return { kind: 'self' };
    const there = conduits.filter((conduit) => conduit.from === from && conduit.to === to);
    if (there.some((conduit) => conduit.open)) return { kind: 'open', conduits: there.filter((one) => one.open) };
    if (there.length > 0) return { kind: 'closed', conduits: there };
    const back = conduits.filter((conduit) => conduit.from === to && conduit.to === from && conduit.open);
    return back.length > 0 ? { kind: 'answers', conduits: back } : { kind: 'denied' };
}

export interface Pair {
    a: string;
    b: string;
}

// Pairs that no conduit joins in either direction.
export function denied_pairs(names: string[], conduits: ConduitView[]): Pair[] {
    const pairs: Pair[] = [];
    names.forEach((a, at) => {
        for (const b of names.slice(at + 1)) {
            const joined = conduits.some(
                (one) => one.open && ((one.from === a && one.to === b) || (one.from === b && one.to === a)),
            );
            if (!joined) pairs.push({ a, b });
        }
    });
    return pairs;
}

export interface Drop {
    reason: string;
    frames: number;
}

export function drops_of(partition: PartitionView): Drop[] {
    const sums = new Map<string, number>();
    for (const one of partition.interfaces ?? [])
        for (const [reason, frames] of Object.entries(one.dropped ?? {}))
            if (frames > 0) sums.set(reason, (sums.get(reason) ?? 0) + frames);
    return [...sums].map(([reason, frames]) => ({ reason, frames })).sort((a, b) => b.frames - a.frames);
}
