// A past of points (newest first, as the console answers) as segments of a strip from `from` to `to`.
import type { HistoryPoint } from '../api/types';

export interface Segment {
    from: number;
    to: number;
    value: string; // empty: nothing known before the first point
    reason: string;
}

export function segments(points: HistoryPoint[], kind: HistoryPoint['kind'], from: number, to: number): Segment[] {
    const past = points
        .filter((point) => point.kind === kind)
        .map((point) => ({ ...point, at: Date.parse(point.time) }))
        .filter((point) => Number.isFinite(point.at) && point.at <= to)
        .sort((a, b) => a.at - b.at);
    const made: Segment[] = [];
    const add = (segment: Segment) => {
        const begin = Math.max(segment.from, from);
        if (segment.to > begin) made.push({ ...segment, from: begin });
    };
    const first = past[0];
    if (!first) return [{ from, to, value: '', reason: '' }];
    add({ from, to: first.at, value: '', reason: '' });
    past.forEach((point, at) =>
        add({ from: point.at, to: past[at + 1]?.at ?? to, value: point.value, reason: point.reason }),
    );
    return made;
}

// The shortest of the usual windows that shows the whole known past, at most a week.
export function window_of(points: HistoryPoint[], now: number): number {
    const hour = 3_600_000;
    const oldest = Math.min(now, ...points.map((point) => Date.parse(point.time)).filter(Number.isFinite));
    return [hour, 6 * hour, 24 * hour].find((length) => now - oldest < length) ?? 7 * 24 * hour;
}
