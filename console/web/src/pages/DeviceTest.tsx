// The test of a serial line: a pattern goes out of it, and should come back. Whoever may not ask for one sees nothing of it.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '../api/client';
import { useLine } from '../api/line';
import type { DeviceTest as Tested, DeviceView, PartitionView } from '../api/types';
import { why_no_test } from '../model/actions';
import { test_signal } from '../model/signal';
import { texts } from '../texts/en';
import { Button, Dialog, Failure } from '../ui/controls';
import { useMay } from '../ui/session';
import { Sign } from '../ui/signs';

const words = texts.gateway.test;

export function DeviceTest({ device, owner, connected }: { device: DeviceView; owner?: PartitionView; connected: boolean }) {
    const may_test = useMay('test-devices');
    const line = useLine();
    const [asked, ask] = useState(false);
    const send = useMutation({ mutationFn: () => api.post<Tested>(path('gateways', device.gateway, 'devices', device.name, 'test')) });
    if (!may_test || device.kind !== 'serial' || !device.name || !device.partition) return null;
    const why = why_no_test({ state: owner?.state ?? '', lock: owner?.lock, partition: device.partition, connected, lost: line.state === 'lost', busy: send.isPending });
    return (
        <div className="device-test">
            <Button why={why} aria-label={words.of(device.name)} onClick={() => ask(true)}>
                {send.isPending ? words.busy : words.verb}
            </Button>
            {why && !send.isPending && <span className="because">{why}</span>}
            <Failure error={send.error} />
            <div role="status">
                {send.data && (
                    <>
                        <Sign signal={test_signal(send.data)} />
                        <span className="because">{send.data.verdict}</span>
                        <span className="because">{words.numbers(send.data)}</span>
                    </>
                )}
            </div>
            <Dialog title={words.ask(device.name)} open={asked} on_close={() => ask(false)}>
                <form
                    onSubmit={(event) => {
                        event.preventDefault();
                        ask(false);
                        send.mutate();
                    }}
                >
                    <p>{words.ask_text}</p>
                    <p>{words.ask_owner(device.partition)}</p>
                    <div className="dialog-foot">
                        <Button onClick={() => ask(false)}>{texts.cancel}</Button>
                        <Button type="submit" look="primary">
                            {words.verb}
                        </Button>
                    </div>
                </form>
            </Dialog>
        </div>
    );
}
