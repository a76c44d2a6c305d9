import { describe, expect, it } from 'vitest';
import { attestation_signal, connection_signal, device_signal, fresh_limit_ms, health_signal, is_fresh, router_signal, run_signal, uplink_signal } from '../../src/model/signal';

describe('what may be green', () => {
    it('is green only when hardware proved it and it is fresh', () => {
        expect(attestation_signal('trusted', 'hardware', true).tone).toBe('ok');
        for (const anchor of ['software', '', 'something new'])
            expect(attestation_signal('trusted', anchor, true).tone).not.toBe('ok');
        for (const attestation of ['untrusted', 'stale', 'unknown', '', 'something new'])
            expect(attestation_signal(attestation, 'hardware', true).tone).not.toBe('ok');
    });
    it('says software beside the word', () => {
        expect(attestation_signal('trusted', 'software', true)).toMatchObject({ tone: 'soft', tag: 'software' });
    });
    it('never leaves a stale green', () => {
        const stale = [health_signal('ok', false), attestation_signal('trusted', 'hardware', false), connection_signal('connected', false), run_signal('running', false), router_signal('working', false), uplink_signal({ healthy: true, used: true }, false)];
        for (const signal of stale) expect(signal).toMatchObject({ tone: 'stale', icon: 'clock' });
        expect(health_signal('ok', false).word).toBe('was ok');
    });
    it('takes an uplink for good when it is used and leads somewhere', () => {
        const of = (healthy: boolean, used: boolean) => uplink_signal({ healthy, used }, true);
        expect([of(true, true), of(true, false), of(false, false), of(false, true)].map((one) => [one.tone, one.word])).toEqual([
            ['ok', 'used'], ['none', 'ready'], ['warn', 'down'], ['bad', 'used, down'],
        ]);
        for (const state of ['broken', 'missing', '', 'something new']) expect(router_signal(state, true).tone).not.toBe('ok');
    });
    it('offers a free device without praise, and never calls an absent one well', () => {
        const of = (name: string, health: string, obstacles: unknown[] = []) => device_signal({ name, health, obstacles }, true);
        expect([of('a', 'ok'), of('a', 'ok', [1]), of('a', 'absent'), of('a', ''), of('', 'ok'), of('', 'ok', [1])].map((one) => [one.tone, one.word])).toEqual([
            ['ok', 'ok'], ['warn', 'ok'], ['bad', 'absent'], ['stale', 'unknown'], ['none', 'free'], ['none', 'kept'],
        ]);
        expect(device_signal({ name: 'a', health: 'ok' }, false)).toMatchObject({ tone: 'stale' });
    });
    it('keeps an untrusted red while the line is lost', () => {
        expect(attestation_signal('untrusted', 'hardware', false).tone).toBe('bad');
    });
    it('takes nothing for fresh on a lost line or after a long sleep', () => {
        expect(is_fresh('live', 1000, 2000)).toBe(true);
        expect(is_fresh('lost', 2000, 2000)).toBe(false);
        expect(is_fresh('live', 1000, 1000 + fresh_limit_ms)).toBe(false);
    });
});
