import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '../api/client';
import { texts } from '../texts/en';
import { Button, Failure, Field, Secret } from '../ui/controls';
import { Time } from '../ui/signs';
import { useTitle } from '../ui/title';

const words = texts.add;
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const lifetimes = [1, 4, 24, 168];

export function AddPage() {
    useTitle(words.title);
    const [hours, set_hours] = useState(1);
    const make = useMutation({
        mutationFn: () => api.post<{ join: string; expires: string }>(path('tokens'), { lifetime_seconds: hours * 3600 }),
        gcTime: 0,
    });
    // The string goes into single quotes of a shell.
    const command = make.data && `bulkhead enroll '${make.data.join.replaceAll("'", `'\\''`)}'`;
    return (
        <>
            <div className="page-head">
                <div>
                    <h1>{words.title}</h1>
                    <p className="lead">{words.lead}</p>
                </div>
            </div>
            <ol className="steps panel">
                <li>
                    <h2>{words.step[0]}</h2>
                    {make.data ? (
                        <>
                            <Secret text={make.data.join} label={words.step[0] ?? ''} />
                            <p className="hint">
                                {words.once} {words.until} <Time at={make.data.expires} zone={here} />.
                            </p>
                            <Button icon="restart" look="quiet" onClick={() => make.reset()}>
                                {words.again}
                            </Button>
                        </>
                    ) : (
                        <div className="inline-form">
                            <Field label={words.lifetime}>
                                {(id) => (
                                    <select id={id} value={hours} onChange={(event) => set_hours(Number(event.target.value))}>
                                        {lifetimes.map((one) => (
                                            <option key={one} value={one}>
                                                {one === 168 ? words.week : words.hours(one)}
                                            </option>
                                        ))}
                                    </select>
                                )}
                            </Field>
                            <Button look="primary" icon="key" onClick={() => make.mutate()}>
                                {words.make}
                            </Button>
                        </div>
                    )}
                    <Failure error={make.error} />
                </li>
                <li className={make.data ? '' : 'later'}>
                    <h2>{words.step[1]}</h2>
                    <p className="hint">{words.command}</p>
                    {command ? <Secret text={command} label={words.command} /> : <code className="ghost">bulkhead enroll '…'</code>}
                </li>
                <li className={make.data ? '' : 'later'}>
                    <h2>{words.step[2]}</h2>
                    <p className="hint">{words.wait}</p>
                </li>
            </ol>
        </>
    );
}
