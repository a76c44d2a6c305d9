// A state as people see it: icon, word and colour together, and what goes with it.
import type { Signal } from '../model/signal';
import { texts } from '../texts/en';
import { age_words, clock_time, full_time } from '../texts/time';
import { useNow } from './now';
import { Icon } from './Icon';

// `plain`: where green would be said three times in a row, only what is not ok gets a ground.
export function Sign({ signal, title, plain }: { signal: Signal; title?: string; plain?: boolean }) {
    return (
        <span className={`sign tone-${signal.tone} ${plain && signal.tone === 'ok' ? 'plain' : ''}`} title={title || undefined}>
            <Icon name={signal.icon} size={16} />
            <span>{signal.word}</span>
            {signal.tag && <span className="sign-tag">{signal.tag}</span>}
        </span>
    );
}

// An age that ticks: `seconds` as of `read_at` (milliseconds).
export function Age({ seconds, read_at }: { seconds: number; read_at: number }) {
    const now = useNow();
    return <span className="age">{age_words(seconds + (now - read_at) / 1000)}</span>;
}

export function Ago({ seconds, read_at }: { seconds: number; read_at: number }) {
    const now = useNow();
    return <span className="age">{texts.ago(age_words(seconds + (now - read_at) / 1000))}</span>;
}

export function Time({ at, zone, clock }: { at: string; zone: string; clock?: boolean }) {
    if (!at) return <>{texts.none}</>;
    return (
        <time dateTime={at} title={full_time(at, zone)}>
            {clock ? clock_time(at, zone) : full_time(at, zone)}
        </time>
    );
}

export function Labels({ labels }: { labels?: Record<string, string> }) {
    const all = Object.entries(labels ?? {});
    if (all.length === 0) return null;
    return (
        <span className="labels">
            {all.map(([key, value]) => (
                <span key={key} className="label mono">
                    {key}={value}
                </span>
            ))}
        </span>
    );
}
