// What a state looks like: a tone (colour), an icon and a word. The one place that decides whether something may be
// green: only what is fresh, and proved by hardware where it is about trust.
import { texts } from '../texts/en';

export type Tone = 'ok' | 'soft' | 'warn' | 'bad' | 'stale' | 'none';
export type IconName =
    | 'check' | 'warning' | 'cross' | 'clock' | 'question' | 'shield' | 'shield-half' | 'shield-cross' | 'play' | 'stop'
    | 'restart' | 'lock' | 'unlock' | 'fleet' | 'events' | 'audit' | 'users' | 'plus' | 'account' | 'sun' | 'moon'
    | 'auto' | 'link' | 'link-off' | 'deny' | 'chevron' | 'copy' | 'search' | 'terminal' | 'output' | 'chip' | 'gateway'
    | 'up' | 'down' | 'trash' | 'glass' | 'key' | 'drift' | 'globe' | 'router';

export interface Signal {
    tone: Tone;
    icon: IconName;
    word: string;
    tag?: string; // a second word that qualifies the first: software
}

const words = texts.states;

function was(word: string): Signal {
    return { tone: 'stale', icon: 'clock', word: words.was(word) };
}

export function health_signal(health: string, fresh: boolean): Signal {
    if (health === 'unknown' || health === '') return { tone: 'stale', icon: 'question', word: words.unknown };
    if (!fresh) return was(health);
    if (health === 'ok') return { tone: 'ok', icon: 'check', word: words.ok };
    if (health === 'degraded') return { tone: 'warn', icon: 'warning', word: words.degraded };
    return { tone: 'bad', icon: 'cross', word: health };
}

export function attestation_signal(attestation: string, anchor: string, fresh: boolean): Signal {
    const tag = anchor === 'hardware' || anchor === '' ? undefined : anchor;
    switch (attestation) {
        case 'trusted':
            if (!fresh) return { ...was(words.trusted), tag };
            return anchor === 'hardware'
                ? { tone: 'ok', icon: 'shield', word: words.trusted }
                : { tone: 'soft', icon: 'shield-half', word: words.trusted, tag: tag ?? words.no_anchor };
        case 'untrusted':
            return { tone: 'bad', icon: 'shield-cross', word: words.untrusted, tag };
        case 'stale':
            return { tone: 'stale', icon: 'clock', word: words.stale, tag };
        default:
            return { tone: 'stale', icon: 'question', word: words.unknown };
    }
}

export function connection_signal(connection: string, fresh: boolean): Signal {
    if (connection === 'never') return { tone: 'none', icon: 'question', word: words.never };
    if (connection !== 'connected') return { tone: 'warn', icon: 'link-off', word: words.offline };
    return fresh ? { tone: 'ok', icon: 'link', word: words.connected } : was(words.connected);
}

export function run_signal(state: string, fresh: boolean): Signal {
    if (!fresh) return was(state);
    switch (state) {
        case 'running':
            return { tone: 'ok', icon: 'play', word: state };
        case 'failed':
            return { tone: 'bad', icon: 'cross', word: state };
        case 'stopped':
        case 'defined':
            return { tone: 'none', icon: 'stop', word: state };
        default:
            return { tone: 'warn', icon: 'restart', word: state };
    }
}

// Of a tenant's router.
export function router_signal(state: string, fresh: boolean): Signal {
    if (!fresh) return was(state);
    if (state === 'working') return { tone: 'ok', icon: 'check', word: state };
    return state === 'broken' ? { tone: 'bad', icon: 'cross', word: state } : { tone: 'warn', icon: 'question', word: state };
}

// A router stays on its uplink when none is healthy: that one is used and down.
export function uplink_signal({ healthy, used }: { healthy: boolean; used: boolean }, fresh: boolean): Signal {
    const word = used ? (healthy ? words.used : words.used_down) : healthy ? words.ready : words.down;
    if (!fresh) return was(word);
    if (!healthy) return { tone: used ? 'bad' : 'warn', icon: 'link-off', word };
    return used ? { tone: 'ok', icon: 'link', word } : { tone: 'none', icon: 'link', word };
}

// Of one that no spec declares: whether it could be assigned. Free is an offer, no praise: it is not green.
export function device_signal(one: { name: string; health?: string; obstacles?: unknown[] }, fresh: boolean): Signal {
    const kept = (one.obstacles ?? []).length > 0;
    const word = one.name ? one.health || words.unknown : kept ? words.kept : words.free;
    if (!fresh) return was(word);
    if (!one.name) return { tone: 'none', icon: kept ? 'deny' : 'plus', word };
    if (!one.health) return { tone: 'stale', icon: 'question', word };
    if (one.health === 'ok') return kept ? { tone: 'warn', icon: 'lock', word: words.ok } : { tone: 'ok', icon: 'check', word: words.ok };
    return { tone: 'bad', icon: 'cross', word };
}

// What came back of a line's test.
export function test_signal(one: { passed: boolean }): Signal {
    return one.passed ? { tone: 'ok', icon: 'check', word: words.passed } : { tone: 'bad', icon: 'cross', word: words.test_failed };
}

// What was read long ago is old even if nobody noticed that the line is gone (a sleeping laptop).
export const fresh_limit_ms = 90_000;
export function is_fresh(line: 'connecting' | 'live' | 'lost', read_at: number, now: number): boolean {
    return line !== 'lost' && now - read_at < fresh_limit_ms;
}
