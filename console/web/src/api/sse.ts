// Server-sent events over fetch: unlike EventSource it shows the comment lines, so a line that is silently dead is
// noticed, and an HTTP status can be told from a lost connection.
import { error_of } from './client';

export interface Message {
    event: string;
    data: string;
}

// Feeds on chunks as they come, hands out whole messages. A message above a MiB is a broken server: it is let go.
export class SseParser {
    private rest = '';
    private event = '';
    private data: string[] = [];

    constructor(private readonly on_message: (message: Message) => void) {}

    feed(chunk: string): void {
        this.rest += chunk;
        if (this.rest.length > 1 << 20) this.rest = '';
        for (;;) {
            const at = this.rest.search(/[\r\n]/);
            if (at < 0) return;
            // "\r" at the very end may be half of "\r\n".
            if (this.rest[at] === '\r' && at + 1 === this.rest.length) return;
            const line = this.rest.slice(0, at);
            this.rest = this.rest.slice(at + (this.rest.startsWith('\r\n', at) ? 2 : 1));
            this.line(line);
        }
    }

    private line(line: string): void {
        if (line === '') {
            if (this.data.length > 0) this.on_message({ event: this.event || 'message', data: this.data.join('\n') });
            this.event = '';
            this.data = [];
            return;
        }
        const colon = line.indexOf(':');
        if (colon === 0) return;
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (name === 'event') this.event = value;
        if (name === 'data') this.data.push(value);
    }
}

// The console sends at least a comment every 15 s.
export const silence_limit_ms = 30_000;

// Reads until the stream ends. Rejects with ApiError (refused) or another error (lost, silent). Resolves when the
// server has ended it.
export async function read_stream(
    url: string,
    on_message: (message: Message) => void,
    signal: AbortSignal,
    on_open: () => void = () => undefined,
): Promise<void> {
    const own = new AbortController();
    const stop = () => own.abort();
    signal.addEventListener('abort', stop);
    let timer = setTimeout(stop, silence_limit_ms);
    try {
        const answer = await fetch(url, {
            headers: { Accept: 'text/event-stream' },
            credentials: 'same-origin',
            cache: 'no-store',
            signal: own.signal,
        });
        if (!answer.ok || !answer.body) throw await error_of(answer);
        on_open();
        const parser = new SseParser(on_message);
        const decoder = new TextDecoder();
        const reader = answer.body.getReader();
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return;
            clearTimeout(timer);
            timer = setTimeout(stop, silence_limit_ms);
            parser.feed(decoder.decode(value, { stream: true }));
        }
    } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        own.abort();
    }
}
