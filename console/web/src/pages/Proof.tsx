// An attestation result in words: what it means, and if it failed, which PCR, which record, expected and seen.
import type { AttestationView } from '../api/types';
import { attestation_signal } from '../model/signal';
import { texts } from '../texts/en';
import { Sign, Time, Ago } from '../ui/signs';

const words = texts.partition;

function meaning(proof: AttestationView, fresh: boolean): string {
    const means = proof.partition ? words.proof : texts.gateway.proof;
    if (proof.attestation === 'trusted') {
        if (!fresh) return means.old;
        return proof.trust_anchor === 'hardware' ? means.trusted : means.trusted_software;
    }
    return means[proof.attestation] ?? means.unknown;
}

export function Proof({ proof, fresh, zone, read_at }: { proof: AttestationView; fresh: boolean; zone: string; read_at: number }) {
    const signal = attestation_signal(proof.attestation, proof.trust_anchor, fresh);
    const anchor = proof.trust_anchor === 'hardware' ? texts.gateway.hardware : proof.trust_anchor ? texts.gateway.software : texts.none;
    return (
        <div className={`panel pad proof tone-edge-${signal.tone}`}>
            <Sign signal={signal} />
            {proof.text && <p className="proof-text">{proof.text}</p>}
            <p className="quiet">{meaning(proof, fresh)}</p>
            <dl className="facts">
                {proof.reason && (
                    <div>
                        <dt>{words.cause}</dt>
                        <dd className="mono">{proof.reason}</dd>
                    </div>
                )}
                {proof.pcr && (
                    <div>
                        <dt>{words.pcr}</dt>
                        <dd className="mono">{proof.pcr}</dd>
                    </div>
                )}
                {proof.record && (
                    <div>
                        <dt>{words.record}</dt>
                        <dd className="mono">{proof.record}</dd>
                    </div>
                )}
                <div>
                    <dt>{words.anchor}</dt>
                    <dd>{anchor}</dd>
                </div>
                <div>
                    <dt>{words.round}</dt>
                    <dd>
                        {proof.attested_at ? (
                            <>
                                <Ago seconds={proof.age_seconds} read_at={read_at} />
                                <span className="because">
                                    <Time at={proof.attested_at} zone={zone} />
                                </span>
                            </>
                        ) : (
                            texts.gateway.never_proved
                        )}
                    </dd>
                </div>
            </dl>
            {(proof.expected || proof.seen) && (
                <dl className="digests">
                    <dt>{words.expected}</dt>
                    <dd className="mono">{proof.expected || texts.none}</dd>
                    <dt>{words.seen}</dt>
                    <dd className="mono seen">{proof.seen || texts.none}</dd>
                </dl>
            )}
        </div>
    );
}
