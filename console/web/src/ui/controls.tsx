// Buttons, fields, dialogs, notices.
import { useEffect, useId, useRef, useState, type ButtonHTMLAttributes, type ReactNode } from 'react';
import { ApiError } from '../api/client';
import type { IconName } from '../model/signal';
import { texts } from '../texts/en';
import { Icon } from './Icon';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
    icon?: IconName;
    look?: 'primary' | 'plain' | 'danger' | 'quiet';
    why?: string; // it can't be pressed now, and this is the reason; shown to all
}

// A button that can't be pressed stays focusable and says why.
export function Button({ icon, look = 'plain', why, children, onClick, ...rest }: ButtonProps) {
    const id = useId();
    return (
        <span className="button-with-why">
            <button
                type="button"
                {...rest}
                className={`button ${look}`}
                aria-disabled={why ? true : undefined}
                aria-describedby={why ? id : undefined}
                title={why}
                onClick={(event) => {
                    if (why) event.preventDefault();
                    else onClick?.(event);
                }}
            >
                {icon && <Icon name={icon} size={16} />}
                {children}
            </button>
            {why && (
                <span id={id} className="sr-only">
                    {why}
                </span>
            )}
        </span>
    );
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: (id: string) => ReactNode }) {
    const id = useId();
    return (
        <div className="field">
            <label htmlFor={id}>{label}</label>
            {children(id)}
            {hint && <span className="hint">{hint}</span>}
        </div>
    );
}

export function Dialog({ title, open, on_close, children }: { title: string; open: boolean; on_close: () => void; children: ReactNode }) {
    const ref = useRef<HTMLDialogElement>(null);
    const id = useId();
    useEffect(() => {
        const dialog = ref.current;
        if (open && dialog && !dialog.open) dialog.showModal();
        if (!open && dialog?.open) dialog.close();
    }, [open]);
    return (
        <dialog ref={ref} aria-labelledby={id} onClose={on_close}>
            {open && (
                <>
                    <h2 id={id}>{title}</h2>
                    {children}
                </>
            )}
        </dialog>
    );
}

export function Notice({ tone, icon, title, children }: { tone: string; icon: IconName; title: string; children?: ReactNode }) {
    return (
        <div className={`notice tone-${tone}`}>
            <Icon name={icon} size={20} />
            <div>
                <strong>{title}</strong>
                {children && <div className="notice-text">{children}</div>}
            </div>
        </div>
    );
}

export function Failure({ error, on_retry, children }: { error: unknown; on_retry?: () => void; children?: ReactNode }) {
    if (!error) return null;
    const api = error instanceof ApiError ? error : undefined;
    return (
        <div role="alert">
            <Notice tone="bad" icon="cross" title={error instanceof Error ? error.message : texts.errors.title}>
                {api?.mend && <p>{`${texts.errors.mend} ${api.mend}`}</p>}
                {children}
                {on_retry && (
                    <Button icon="restart" onClick={on_retry}>
                        {texts.retry}
                    </Button>
                )}
            </Notice>
        </div>
    );
}

export function Copy({ text }: { text: string }) {
    const [done, set_done] = useState(false);
    const copy = async () => {
        try {
            await navigator.clipboard.writeText(text);
        } catch {
            // Plain http away from localhost has no clipboard: the text stays selectable.
            return;
        }
        set_done(true);
        setTimeout(() => set_done(false), 2000);
    };
    return (
        <Button icon={done ? 'check' : 'copy'} onClick={() => void copy()}>
            <span aria-live="polite">{done ? texts.copied : texts.copy}</span>
        </Button>
    );
}

export function Secret({ text, label }: { text: string; label: string }) {
    return (
        <div className="secret">
            <code aria-label={label}>{text}</code>
            <Copy text={text} />
        </div>
    );
}

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
    return (
        <div className="empty">
            <Icon name={icon} size={32} />
            <strong>{title}</strong>
            {children}
        </div>
    );
}

export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
    const id = useId();
    return (
        <section className="section" aria-labelledby={id}>
            <div className="section-head">
                <h2 id={id}>{title}</h2>
                {aside}
            </div>
            {children}
        </section>
    );
}

export function Loading() {
    return (
        <p className="loading" role="status">
            {texts.loading}
        </p>
    );
}
