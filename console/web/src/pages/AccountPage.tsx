import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, path } from '../api/client';
import { keys } from '../api/keys';
import type { IconName } from '../model/signal';
import { texts } from '../texts/en';
import { Button, Failure, Field, Notice, Section } from '../ui/controls';
import { Icon } from '../ui/Icon';
import { useViewer } from '../ui/session';
import { useTheme, type Theme } from '../ui/theme';
import { useTitle } from '../ui/title';

const words = texts.account;
const themes: [Theme, IconName][] = [['auto', 'auto'], ['light', 'sun'], ['dark', 'moon']];

function Password() {
    const [old_password, set_old] = useState('');
    const [new_password, set_new] = useState('');
    const { user } = useViewer();
    const change = useMutation({
        // A new password ends all sessions, this one too: a new one takes its place, and nobody is thrown out.
        mutationFn: async () => {
            await api.post(path('session', 'password'), { old_password, new_password });
            await api.post(path('session'), { user, password: new_password });
        },
        onSettled: () => {
            set_old('');
            set_new('');
        },
    });
    return (
        <form
            className="panel pad narrow"
            onSubmit={(event) => {
                event.preventDefault();
                change.mutate();
            }}
        >
            <Failure error={change.error} />
            {change.isSuccess && <Notice tone="ok" icon="check" title={words.changed} />}
            <Field label={words.old}>
                {(id) => <input id={id} type="password" autoComplete="current-password" required value={old_password} onChange={(event) => set_old(event.target.value)} />}
            </Field>
            <Field label={words.new} hint={words.new_hint}>
                {(id) => <input id={id} type="password" autoComplete="new-password" minLength={12} required value={new_password} onChange={(event) => set_new(event.target.value)} />}
            </Field>
            <Button type="submit">{words.change}</Button>
        </form>
    );
}

export function AccountPage() {
    useTitle(words.title);
    const viewer = useViewer();
    const client = useQueryClient();
    const [theme, set_theme] = useTheme();
    const sign_out = useMutation({
        mutationFn: () => api.remove(path('session')),
        onSettled: () => client.resetQueries({ queryKey: keys.session }),
    });
    return (
        <>
            <div className="page-head">
                <h1>{words.title}</h1>
                <Button onClick={() => sign_out.mutate()}>{words.sign_out}</Button>
            </div>
            <dl className="facts panel pad">
                <div>
                    <dt>{words.signed_in}</dt>
                    <dd>{viewer.user}</dd>
                </div>
                <div>
                    <dt>{words.role}</dt>
                    <dd>
                        {texts.users.roles[viewer.role]}
                        <span className="because">{texts.users.role_text[viewer.role]}</span>
                    </dd>
                </div>
                {viewer.tenant && (
                    <div>
                        <dt>{words.tenant}</dt>
                        <dd>{viewer.tenant}</dd>
                    </div>
                )}
                <div className="wide">
                    <dt>{words.rights}</dt>
                    <dd>
                        <ul className="rights">
                            {viewer.rights.map((right) => (
                                <li key={right}>
                                    <Icon name="check" size={14} />
                                    {words.right[right] ?? right}
                                </li>
                            ))}
                        </ul>
                    </dd>
                </div>
            </dl>
            <Section title={texts.theme.label}>
                <fieldset className="choice">
                    <legend className="sr-only">{texts.theme.label}</legend>
                    {themes.map(([one, icon]) => (
                        <label key={one} className={theme === one ? 'chosen' : ''}>
                            <input type="radio" name="theme" className="sr-only" checked={theme === one} onChange={() => set_theme(one)} />
                            <Icon name={icon} />
                            {texts.theme[one]}
                        </label>
                    ))}
                </fieldset>
            </Section>
            <Section title={words.password}>
                <Password />
            </Section>
        </>
    );
}
