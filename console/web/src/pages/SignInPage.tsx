import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, ApiError, path } from '../api/client';
import { keys } from '../api/keys';
import { texts } from '../texts/en';
import { Button, Failure, Field, Notice } from '../ui/controls';

const words = texts.sign_in;

export function SignInPage() {
    const client = useQueryClient();
    const [user, set_user] = useState('');
    const [password, set_password] = useState('');
    useEffect(() => {
        document.title = `${words.title} · ${texts.product}`;
    }, []);
    const sign_in = useMutation({
        mutationFn: () => api.post(path('session'), { user, password }),
        onSuccess: async () => {
            // Nothing that another user saw may stay.
            client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
            await client.invalidateQueries({ queryKey: keys.session });
        },
        onError: () => set_password(''),
    });
    const wrong = sign_in.error instanceof ApiError && sign_in.error.status === 401;
    return (
        <main className="sign-in">
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    sign_in.mutate();
                }}
            >
                <div className="sign-in-brand">
                    <img src="/bulkhead.svg" alt="" width="44" height="44" />
                    <div>
                        <h1>{texts.product}</h1>
                        <p>{words.lead}</p>
                    </div>
                </div>
                {wrong ? (
                    <div role="alert">
                        <Notice tone="bad" icon="cross" title={words.wrong}>
                            {words.wrong_mend}
                        </Notice>
                    </div>
                ) : (
                    <Failure error={sign_in.error} />
                )}
                <Field label={words.user}>
                    {(id) => <input id={id} name="user" autoComplete="username" autoFocus required value={user} onChange={(event) => set_user(event.target.value)} />}
                </Field>
                <Field label={words.password}>
                    {(id) => (
                        <input id={id} name="password" type="password" autoComplete="current-password" required value={password} onChange={(event) => set_password(event.target.value)} />
                    )}
                </Field>
                <Button type="submit" look="primary" why={sign_in.isPending ? words.busy : undefined}>
                    {sign_in.isPending ? words.busy : words.button}
                </Button>
            </form>
        </main>
    );
}
