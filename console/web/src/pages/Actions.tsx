// Start, stop, restart, lock: what the role may not do is not there; what can't be done now says why.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '../api/client';
import { useLine } from '../api/line';
import type { PartitionView, RunVerb } from '../api/types';
import type { IconName } from '../model/signal';
import { why_not, type Verb } from '../model/actions';
import { texts } from '../texts/en';
import { Button, Dialog, Failure, Field } from '../ui/controls';
import { Icon } from '../ui/Icon';
import { useMay } from '../ui/session';

const words = texts.partition;
const icons: Record<Verb, IconName> = { start: 'play', stop: 'stop', restart: 'restart', lock: 'lock', unlock: 'unlock' };

export function Actions({ partition, connected }: { partition: PartitionView; connected: boolean }) {
    const may_run = useMay('run');
    const may_lock = useMay('lock');
    const line = useLine();
    const client = useQueryClient();
    const [asked, ask] = useState<Verb | ''>('');
    const [reason, set_reason] = useState('');
    const send = useMutation({
        mutationFn: (verb: Verb) =>
            api.post(path('gateways', partition.gateway, 'partitions', partition.name, verb), verb === 'lock' ? { reason } : {}),
        onSettled: () => client.invalidateQueries({ queryKey: ['gateway', partition.gateway] }),
    });
    if (!may_run && !may_lock) return null;
    const facts = { state: partition.state, lock: partition.lock, connected, lost: line.state === 'lost', busy: send.isPending };
    const verbs: Verb[] = [...(may_run ? (['start', 'stop', 'restart'] as RunVerb[]) : []), ...(may_lock ? [partition.lock ? ('unlock' as const) : ('lock' as const)] : [])];
    const reasons = new Map<string, string[]>();
    for (const verb of verbs) {
        const why = why_not(verb, facts);
        if (why) reasons.set(why, [...(reasons.get(why) ?? []), words[verb]]);
    }
    return (
        <div className="actions">
            <div className="action-row">
                {verbs.map((verb) => (
                    <Button key={verb} icon={icons[verb]} why={why_not(verb, facts)} onClick={() => ask(verb)}>
                        {send.isPending && send.variables === verb ? words.busy : words[verb]}
                    </Button>
                ))}
            </div>
            {[...reasons].map(([why, which]) => (
                <p key={why} className="why">
                    <Icon name={partition.lock && why.includes(partition.lock.reason) ? 'lock' : 'question'} size={14} />
                    <span>
                        <strong>{which.join(', ')}:</strong> {why}
                    </span>
                </p>
            ))}
            <Failure error={send.error} />
            <Dialog title={asked ? words.ask[asked](partition.name) : ''} open={asked !== ''} on_close={() => ask('')}>
                {asked && (
                    <form
                        onSubmit={(event) => {
                            event.preventDefault();
                            send.mutate(asked);
                            ask('');
                            set_reason('');
                        }}
                    >
                        <p>{words.ask[`${asked}_text`]}</p>
                        {asked === 'lock' && (
                            <Field label={words.ask.reason}>
                                {(id) => <input id={id} required maxLength={200} autoFocus value={reason} onChange={(event) => set_reason(event.target.value)} />}
                            </Field>
                        )}
                        <div className="dialog-foot">
                            <Button onClick={() => ask('')}>{texts.cancel}</Button>
                            <Button type="submit" look={asked === 'stop' || asked === 'restart' ? 'danger' : 'primary'} icon={icons[asked]}>
                                {words[asked]}
                            </Button>
                        </div>
                    </form>
                )}
            </Dialog>
        </div>
    );
}
