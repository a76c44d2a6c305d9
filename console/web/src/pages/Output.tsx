// The application's output, live. The last 1000 lines are kept.
import { useEffect, useRef, useState } from 'react';
import { path } from '../api/client';
import { read_stream } from '../api/sse';
import type { LogLine } from '../api/types';
import { backoff_ms } from '../model/backoff';
import { texts } from '../texts/en';
import { Failure } from '../ui/controls';
import { clock_time } from '../texts/time';

const words = texts.partition;
const kept = 1000;

export function Output({ gateway, partition, zone }: { gateway: string; partition: string; zone: string }) {
    const [lines, set_lines] = useState<LogLine[]>([]);
    const [error, set_error] = useState<unknown>();
    const [ended, set_ended] = useState(false);
    const [follow, set_follow] = useState(true);
    const box = useRef<HTMLDivElement>(null);
    useEffect(() => {
        const end = new AbortController();
        const url = `${path('gateways', gateway, 'partitions', partition, 'logs')}?follow=true&lines=200`;
        const run = async () => {
            for (let attempt = 0; !end.signal.aborted; attempt += 1) {
                let gathered: LogLine[] = [];
                let timer: ReturnType<typeof setTimeout> | undefined;
                try {
                    await read_stream(
                        url,
                        (message) => {
                            if (message.event !== 'line') return;
                            gathered.push(JSON.parse(message.data) as LogLine);
                            timer ??= setTimeout(() => {
                                const batch = gathered;
                                gathered = [];
                                timer = undefined;
                                set_lines((was) => [...was, ...batch].slice(-kept));
                            }, 50);
                        },
                        end.signal,
                        () => {
                            // The past comes again with each connection.
                            set_lines([]);
                            set_error(undefined);
                            set_ended(false);
                            attempt = 0;
                        },
                    );
                } catch (problem) {
                    if (end.signal.aborted) return;
                    set_error(problem);
                }
                set_ended(true);
                await new Promise((resolve) => setTimeout(resolve, Math.max(2000, backoff_ms(attempt, Math.random()))));
            }
        };
        void run();
        return () => end.abort();
    }, [gateway, partition]);
    useEffect(() => {
        if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
    }, [lines, follow]);
    return (
        <div className="output">
            {lines.length === 0 && <Failure error={error} />}
            <div
                className="screen"
                ref={box}
                role="log"
                aria-live="off"
                aria-label={words.output}
                tabIndex={0}
                onScroll={(event) => {
                    const at = event.currentTarget;
                    set_follow(at.scrollHeight - at.scrollTop - at.clientHeight < 24);
                }}
            >
                {lines.length === 0 && !error && <p className="quiet">{words.output_empty}</p>}
                {lines.map((line, at) => (
                    <div key={at}>
                        <span className="log-time">{clock_time(line.time, zone)}</span>
                        {line.text}
                    </div>
                ))}
            </div>
            <p className="hint">{ended ? words.output_ended : words.output_hint}</p>
        </div>
    );
}
