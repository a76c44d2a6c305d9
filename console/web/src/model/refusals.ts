// Denials as people ask for them: who was refused by whom, with all its reasons.
import type { DenialView } from '../api/types';

export interface Refusal {
    from: string; // empty: another tenant's
    to: string; // empty: nobody of the switch
    address: string;
    count: number;
    last: string; // RFC 3339
    reasons: { reason: string; count: number }[]; // most first
    services: string[];
}

// robot-cell/acme-cell is an interface of robot-cell.
export function owner_of(end: string): string {
    return end.split('/')[0] ?? end;
}

// One for each pair of ends, or end and address; the latest first.
export function refusals(denials: DenialView[]): Refusal[] {
    const found = new Map<string, Refusal & { by: Map<string, number> }>();
    for (const one of denials) {
        const key = JSON.stringify([owner_of(one.from), one.to ? owner_of(one.to) : `address ${one.address}`]);
        const known: Refusal & { by: Map<string, number> } = found.get(key) ?? { from: one.from, to: one.to, address: one.address, count: 0, last: '', reasons: [], services: [], by: new Map<string, number>() };
        known.count += one.count;
        known.by.set(one.reason, (known.by.get(one.reason) ?? 0) + one.count);
        if (one.last > known.last) known.last = one.last;
        if (one.service && !known.services.includes(one.service)) known.services.push(one.service);
        found.set(key, known);
    }
    return [...found.values()]
        .map(({ by, ...one }) => ({ ...one, reasons: [...by].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count) }))
        .sort((a, b) => (a.last < b.last ? 1 : a.last > b.last ? -1 : 0));
}
