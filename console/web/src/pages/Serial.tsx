// The serial console: output by server-sent events, typing by POST, one after the other so that order is kept.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState } from 'react';
import { api, path } from '../api/client';
import { read_stream } from '../api/sse';
import { texts } from '../texts/en';
import { Button, Failure } from '../ui/controls';

const words = texts.partition;
const largest = 4096;

function base64(bytes: Uint8Array): string {
    return btoa(String.fromCharCode(...bytes));
}

function bytes_of(text: string): Uint8Array {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

// Sends what was typed meanwhile in one piece.
function typist(url: string, fail: (error: unknown) => void) {
    let waiting = new Uint8Array();
    let sending = false;
    const pump = async () => {
        if (sending) return;
        sending = true;
        try {
            while (waiting.length > 0) {
                const piece = waiting.slice(0, largest);
                waiting = waiting.slice(largest);
                await api.post(url, { data: base64(piece) });
            }
        } catch (error) {
            waiting = new Uint8Array();
            fail(error);
        } finally {
            sending = false;
        }
    };
    return (text: string) => {
        const more = new TextEncoder().encode(text);
        const joined = new Uint8Array(waiting.length + more.length);
        joined.set(waiting);
        joined.set(more, waiting.length);
        waiting = joined;
        void pump();
    };
}

function Screen({ base, on_error }: { base: string; on_error: (error: unknown) => void }) {
    const place = useRef<HTMLDivElement>(null);
    useEffect(() => {
        if (!place.current) return;
        const terminal = new Terminal({
            fontFamily: '"IBM Plex Mono", ui-monospace, monospace', fontSize: 13, cursorBlink: true, scrollback: 5000, screenReaderMode: true,
            theme: { background: '#0d1418', foreground: '#dce5ea', cursor: '#7cc7df', selectionBackground: '#2d4d5c' },
        });
        const fit = new FitAddon();
        terminal.loadAddon(fit);
        terminal.open(place.current);
        fit.fit();
        terminal.focus();
        const refit = new ResizeObserver(() => fit.fit());
        refit.observe(place.current);
        const end = new AbortController();
        let url = '';
        const run = async () => {
            try {
                const { id } = await api.post<{ id: string }>(base);
                url = `${base}/${encodeURIComponent(id)}`;
                if (end.signal.aborted) return void api.remove(url).catch(() => undefined);
                terminal.onData(typist(url, on_error));
                await read_stream(
                    url,
                    (message) => {
                        if (message.event === 'output') terminal.write(bytes_of(message.data));
                        if (message.event === 'lost') terminal.write(`\r\n${words.serial_lost((JSON.parse(message.data) as { bytes: number }).bytes)}\r\n`);
                    },
                    end.signal,
                );
                terminal.write(`\r\n${words.serial_ended}\r\n`);
            } catch (error) {
                if (!end.signal.aborted) on_error(error);
            }
        };
        void run();
        return () => {
            end.abort();
            refit.disconnect();
            terminal.dispose();
            if (url) void api.remove(url).catch(() => undefined);
        };
    }, [base, on_error]);
    return <div className="serial-screen" ref={place} />;
}

export function Serial({ gateway, partition }: { gateway: string; partition: string }) {
    const [open, set_open] = useState(false);
    const [error, set_error] = useState<unknown>();
    return (
        <div className="serial">
            <div className="serial-head">
                <p className="hint">{words.serial_text}</p>
                <Button
                    icon={open ? 'cross' : 'terminal'}
                    look={open ? 'plain' : 'primary'}
                    onClick={() => {
                        set_error(undefined);
                        set_open(!open);
                    }}
                >
                    {open ? words.serial_close : words.serial_open}
                </Button>
            </div>
            <Failure error={error} />
            {open && <Screen base={path('gateways', gateway, 'partitions', partition, 'console')} on_error={set_error} />}
        </div>
    );
}
