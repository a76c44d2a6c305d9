// How long to wait before the n-th attempt (from 0): doubles from half a second to 15 s, with a spread so that all
// browsers of a plant do not come back in the same moment. `random` is from 0 to 1.
export function backoff_ms(attempt: number, random: number): number {
    const full = Math.min(15_000, 500 * 2 ** Math.min(attempt, 10));
    return Math.round(full * (0.75 + random * 0.5));
}
