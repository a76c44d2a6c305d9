// What only IT does to a gateway: hand over a signed spec, take it out of the fleet.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, path } from '../api/client';
import { texts } from '../texts/en';
import { Button, Dialog, Failure, Field, Notice, Section } from '../ui/controls';
import { useMay } from '../ui/session';

const words = texts.gateway;

function HandOver({ name }: { name: string }) {
    const client = useQueryClient();
    const send = useMutation({
        mutationFn: async (file: File) => api.put<{ generation: number }>(path('gateways', name, 'desired'), await file.text()),
        onSuccess: () => client.invalidateQueries(),
    });
    return (
        <div className="admin-card">
            <Field label={words.hand_over} hint={words.hand_over_text}>
                {(id) => (
                    <input
                        id={id}
                        type="file"
                        accept=".json,.dsse,application/json"
                        onChange={(event) => {
                            const file = event.target.files?.[0];
                            if (file) send.mutate(file);
                            event.target.value = '';
                        }}
                    />
                )}
            </Field>
            <Failure error={send.error} />
            {send.data && <Notice tone="ok" icon="check" title={words.handed(send.data.generation)} />}
        </div>
    );
}

function Remove({ name }: { name: string }) {
    const [asking, ask] = useState(false);
    const [typed, type] = useState('');
    const [, navigate] = useLocation();
    const client = useQueryClient();
    const remove = useMutation({
        mutationFn: () => api.remove(path('gateways', name)),
        onSuccess: () => {
            navigate('/');
            void client.invalidateQueries({ queryKey: ['gateways'] });
        },
    });
    return (
        <div className="admin-card">
            <p className="hint">{words.remove_text(name)}</p>
            <Button icon="trash" look="danger" onClick={() => ask(true)}>
                {words.remove}
            </Button>
            <Dialog title={`${words.remove}: ${name}`} open={asking} on_close={() => ask(false)}>
                <p>{words.remove_text(name)}</p>
                <Field label={words.remove_confirm}>
                    {(id) => <input id={id} value={typed} autoComplete="off" onChange={(event) => type(event.target.value)} />}
                </Field>
                <Failure error={remove.error} />
                <div className="dialog-foot">
                    <Button onClick={() => ask(false)}>{texts.cancel}</Button>
                    <Button look="danger" why={typed === name ? undefined : words.remove_confirm} onClick={() => remove.mutate()}>
                        {words.remove}
                    </Button>
                </div>
            </Dialog>
        </div>
    );
}

export function GatewayAdmin({ name }: { name: string }) {
    const admin = useMay('manage-gateways');
    const desire = useMay('set-desired');
    return (
        <Section title={words.admin}>
            <div className="panel pad admin">
                {desire && <HandOver name={name} />}
                {admin && <Remove name={name} />}
            </div>
        </Section>
    );
}
