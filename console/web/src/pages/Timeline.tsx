// Health and attestation over time: two strips, and the latest changes with their reasons.
import type { HistoryPoint } from '../api/types';
import { attestation_signal, health_signal, type Signal } from '../model/signal';
import { segments, window_of } from '../model/timeline';
import { texts } from '../texts/en';
import { age_words } from '../texts/time';
import { useNow } from '../ui/now';
import { Sign, Time } from '../ui/signs';

const words = texts.partition;

function signal_of(kind: HistoryPoint['kind'], value: string, anchor: string): Signal {
    return kind === 'health' ? health_signal(value, true) : attestation_signal(value, anchor, true);
}

export function Timeline({ points, zone, anchor, fresh }: { points: HistoryPoint[]; zone: string; anchor: string; fresh: boolean }) {
    // A minute's step: the strip does not need to crawl each second.
    const now = Math.ceil(useNow() / 60_000) * 60_000;
    if (points.length === 0) return <p className="panel pad quiet">{words.timeline_none}</p>;
    const length = window_of(points, now);
    const from = now - length;
    const x = (at: number) => (1000 * (at - from)) / length;
    return (
        <div className="panel pad timeline">
            {(['health', 'attestation'] as const).map((kind) => {
                const lane = segments(points, kind, from, now);
                return (
                    <div className="lane" key={kind}>
                        <span className="lane-name">{words.lane[kind]}</span>
                        <svg viewBox="0 0 1000 26" preserveAspectRatio="none" role="img" aria-label={`${words.lane[kind]}: ${lane.map((one) => one.value || texts.states.unknown).join(', ')}`}>
                            {lane.map((one, at) => {
                                // The newest segment of a lost line is not known to last until now.
                                const tone = !fresh && at === lane.length - 1 ? 'stale' : one.value ? signal_of(kind, one.value, anchor).tone : 'none';
                                return (
                                    <rect key={one.from} className={`segment fill-${tone}`} x={x(one.from)} width={Math.max(2, x(one.to) - x(one.from) - 1.5)} y={one.value === 'ok' || one.value === 'trusted' ? 8 : 3} height={one.value === 'ok' || one.value === 'trusted' ? 10 : 20}>
                                        <title>{`${one.value || texts.states.unknown}${one.reason ? `: ${one.reason}` : ''}`}</title>
                                    </rect>
                                );
                            })}
                        </svg>
                    </div>
                );
            })}
            <div className="lane scale">
                <span />
                <span className="scale-ends">
                    <span>{texts.ago(age_words(length / 1000))}</span>
                    <span>{words.now}</span>
                </span>
            </div>
            <h3>{words.changes}</h3>
            <ol className="changes">
                {points.slice(0, 8).map((point) => (
                    <li key={`${point.time} ${point.kind} ${point.value}`}>
                        <span className="num quiet">
                            <Time at={point.time} zone={zone} />
                        </span>
                        <Sign signal={signal_of(point.kind, point.value, anchor)} />
                        <span className="because">{point.reason || words.lane[point.kind]}</span>
                    </li>
                ))}
            </ol>
        </div>
    );
}
