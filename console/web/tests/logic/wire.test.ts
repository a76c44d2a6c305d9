import { describe, expect, it } from 'vitest';
import { keys_touched_by } from '../../src/api/keys';
import { SseParser, type Message } from '../../src/api/sse';
import { age_words, byte_words, full_time } from '../../src/texts/time';

function parse(chunks: string[]): Message[] {
    const made: Message[] = [];
    const parser = new SseParser((message) => made.push(message));
    chunks.forEach((chunk) => parser.feed(chunk));
    return made;
}

describe('server-sent events', () => {
    const text = ': here\n\nevent: change\r\ndata: {"a":1}\r\n\r\ndata: one\ndata: two\n\nevent: cut\n';
    const whole = [{ event: 'change', data: '{"a":1}' }, { event: 'message', data: 'one\ntwo' }];
    it('are read whole', () => expect(parse([text])).toEqual(whole));
    it('are the same however they are cut', () => {
        for (let at = 1; at < text.length; at += 1) expect(parse([text.slice(0, at), text.slice(at)]), `cut at ${at}`).toEqual(whole);
    });
    it('are bounded: a line without an end is let go', () => {
        expect(parse(['x'.repeat(2 << 20), '\n\ndata: after\n\n'])).toEqual([{ event: 'message', data: 'after' }]);
    });
});

it('a change of all makes everything old', () => {
    expect(keys_touched_by({ gateway: '', partition: '', kind: 'all' })).toEqual([[]]);
    expect(keys_touched_by({ gateway: 'g', partition: 'p', kind: 'partition' })).toContainEqual(['gateway', 'g']);
});

describe('times', () => {
    it("are in the site's zone and name it", () => {
        expect(full_time('2026-07-01T10:00:00Z', 'Europe/Vienna')).toMatch(/12:00:00.*(CEST|GMT\+2)/);
        expect(full_time('2026-07-01T10:00:00Z', '')).toMatch(/10:00:00.*UTC/);
    });
    it('fall back to UTC for a zone that nobody knows', () => {
        expect(full_time('2026-07-01T10:00:00Z', 'Atlantis/Center')).toMatch(/10:00:00.*UTC/);
    });
    it('are empty for what is no time', () => expect(full_time('', 'UTC')).toBe(''));
    it('are ages for people', () => {
        expect([0, 59, 60, 3600, 12_000, 180_000, -5].map(age_words)).toEqual(['0 s', '59 s', '1 min', '1 h', '3 h 20 min', '2 d 2 h', '0 s']);
        expect(byte_words(1536)).toBe('1.5 KiB');
    });
});
