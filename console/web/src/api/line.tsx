// The line to the console: one stream of changes for the whole page. While it is lost, nothing shown may look
// current; when it returns, everything is read again.
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { backoff_ms } from '../model/backoff';
import { keys_touched_by } from './keys';
import { ApiError } from './client';
import { read_stream } from './sse';
import type { Change } from './types';

export interface Line {
    state: 'connecting' | 'live' | 'lost';
    since: number; // milliseconds, Date.now()
}

const LineContext = createContext<Line>({ state: 'connecting', since: 0 });
export const useLine = () => useContext(LineContext);

// Many changes at once become one reading: keys are gathered for a moment.
function gatherer(client: QueryClient) {
    let waiting = new Map<string, readonly unknown[]>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    return (change: Change) => {
        for (const key of keys_touched_by(change)) waiting.set(JSON.stringify(key), key);
        timer ??= setTimeout(() => {
            for (const key of waiting.values()) void client.invalidateQueries({ queryKey: key });
            waiting = new Map();
            timer = undefined;
        }, 300);
    };
}

export function LineProvider({ children }: { children: ReactNode }) {
    const client = useQueryClient();
    const [line, set_line] = useState<Line>({ state: 'connecting', since: Date.now() });
    useEffect(() => {
        const end = new AbortController();
        const gather = gatherer(client);
        let attempt = 0;
        const lose = () => set_line((was) => (was.state === 'lost' ? was : { state: 'lost', since: Date.now() }));
        const run = async () => {
            while (!end.signal.aborted) {
                try {
                    await read_stream(
                        '/api/v1/stream',
                        (message) => {
                            if (message.event === 'hello') {
                                if (attempt > 0) void client.invalidateQueries();
                                attempt = 0;
                                set_line({ state: 'live', since: Date.now() });
                            } else if (message.event === 'change') {
                                gather(JSON.parse(message.data) as Change);
                            }
                        },
                        end.signal,
                    );
                } catch (error) {
                    // The session has ended: the page asks who we are, and shows the sign-in.
                    if (error instanceof ApiError && error.status === 401)
                        void client.invalidateQueries({ queryKey: ['session'] });
                }
                if (end.signal.aborted) return;
                lose();
                attempt += 1;
                await new Promise((resolve) => setTimeout(resolve, backoff_ms(attempt - 1, Math.random())));
            }
        };
        void run();
        return () => end.abort();
    }, [client]);
    return <LineContext value={line}>{children}</LineContext>;
}
