import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '../api/client';
import { keys } from '../api/keys';
import { useUsers } from '../api/queries';
import type { Role } from '../api/types';
import { texts } from '../texts/en';
import { Button, Dialog, Failure, Field, Loading, Secret } from '../ui/controls';
import { useViewer } from '../ui/session';
import { Time } from '../ui/signs';
import { useTitle } from '../ui/title';

const words = texts.users;
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const roles: Role[] = ['it-admin', 'ot-operator', 'vendor', 'auditor'];

interface Made {
    name: string;
    password: string;
}

function AddForm({ on_made, on_close }: { on_made: (made: Made) => void; on_close: () => void }) {
    const [name, set_name] = useState('');
    const [role, set_role] = useState<Role>('ot-operator');
    const [tenant, set_tenant] = useState('');
    const add = useMutation({
        mutationFn: () => api.post<Made>(path('users'), role === 'vendor' ? { name, role, tenant } : { name, role }),
        onSuccess: on_made,
    });
    return (
        <form
            onSubmit={(event) => {
                event.preventDefault();
                add.mutate();
            }}
        >
            <Failure error={add.error} />
            <Field label={words.name}>
                {(id) => <input id={id} required autoFocus maxLength={63} autoComplete="off" value={name} onChange={(event) => set_name(event.target.value)} />}
            </Field>
            <Field label={words.role} hint={words.role_text[role]}>
                {(id) => (
                    <select id={id} value={role} onChange={(event) => set_role(event.target.value as Role)}>
                        {roles.map((one) => (
                            <option key={one} value={one}>
                                {words.roles[one]}
                            </option>
                        ))}
                    </select>
                )}
            </Field>
            {role === 'vendor' && (
                <Field label={words.tenant} hint={words.tenant_hint}>
                    {(id) => <input id={id} required value={tenant} onChange={(event) => set_tenant(event.target.value)} />}
                </Field>
            )}
            <div className="dialog-foot">
                <Button onClick={on_close}>{texts.cancel}</Button>
                <Button type="submit" look="primary" icon="plus">
                    {words.add}
                </Button>
            </div>
        </form>
    );
}

type Asked = { verb: 'reset' | 'remove'; name: string };

export function UsersPage() {
    useTitle(words.title);
    const client = useQueryClient();
    const viewer = useViewer();
    const users = useUsers();
    const [adding, set_adding] = useState(false);
    const [asked, ask] = useState<Asked>();
    const [made, set_made] = useState<Made>();
    const renew = () => client.invalidateQueries({ queryKey: keys.users });
    const act = useMutation({
        mutationFn: async ({ verb, name }: Asked) => {
            if (verb === 'remove') await api.remove(path('users', name));
            else set_made(await api.post<Made>(path('users', name, 'reset')));
        },
        onSettled: renew,
    });
    return (
        <>
            <div className="page-head">
                <h1>{words.title}</h1>
                <Button icon="plus" look="primary" onClick={() => set_adding(true)}>
                    {words.add}
                </Button>
            </div>
            <Failure error={users.error ?? act.error} />
            {users.isPending && !users.error && <Loading />}
            {users.data && (
                <div className="panel">
                    <table className="cards">
                        <thead>
                            <tr>
                                <th scope="col">{words.name}</th>
                                <th scope="col">{words.role}</th>
                                <th scope="col">{words.last}</th>
                                <th scope="col">{words.created}</th>
                                <th scope="col">
                                    <span className="sr-only">{texts.partition.actions}</span>
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            {users.data.items.map((one) => (
                                <tr key={one.name}>
                                    <th scope="row" data-label={words.name}>
                                        {one.name} {one.name === viewer.user && <span className="label">{words.you}</span>}
                                    </th>
                                    <td data-label={words.role}>
                                        {words.roles[one.role]}
                                        {one.tenant && <span className="because">{one.tenant}</span>}
                                    </td>
                                    <td data-label={words.last} className="num">
                                        {one.last_sign_in ? <Time at={one.last_sign_in} zone={here} /> : words.never}
                                    </td>
                                    <td data-label={words.created} className="num">
                                        <Time at={one.created} zone={here} />
                                    </td>
                                    <td className="row-actions">
                                        <Button icon="key" look="quiet" onClick={() => ask({ verb: 'reset', name: one.name })} aria-label={`${words.reset}: ${one.name}`}>
                                            {words.reset}
                                        </Button>
                                        <Button icon="trash" look="quiet" why={one.name === viewer.user ? words.why_self : undefined} onClick={() => ask({ verb: 'remove', name: one.name })} aria-label={`${words.remove}: ${one.name}`}>
                                            {words.remove}
                                        </Button>
                                    </td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
            <Dialog title={words.add} open={adding} on_close={() => set_adding(false)}>
                <AddForm
                    on_close={() => set_adding(false)}
                    on_made={(one) => {
                        set_adding(false);
                        set_made(one);
                        void renew();
                    }}
                />
            </Dialog>
            <Dialog title={asked ? words[`${asked.verb}_ask`](asked.name) : ''} open={asked !== undefined} on_close={() => ask(undefined)}>
                <p>{asked && words[`${asked.verb}_text`]}</p>
                <div className="dialog-foot">
                    <Button onClick={() => ask(undefined)}>{texts.cancel}</Button>
                    <Button
                        look={asked?.verb === 'remove' ? 'danger' : 'primary'}
                        onClick={() => {
                            if (asked) act.mutate(asked);
                            ask(undefined);
                        }}
                    >
                        {asked && words[asked.verb]}
                    </Button>
                </div>
            </Dialog>
            <Dialog title={made ? words.password_title(made.name) : ''} open={made !== undefined} on_close={() => set_made(undefined)}>
                <p>{words.password_text}</p>
                {made && <Secret text={made.password} label={words.password_title(made.name)} />}
                <div className="dialog-foot">
                    <Button look="primary" onClick={() => set_made(undefined)}>
                        {texts.close}
                    </Button>
                </div>
            </Dialog>
        </>
    );
}
