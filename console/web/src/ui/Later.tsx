import { useEffect, useRef, useState, type InputHTMLAttributes } from 'react';

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
    value: string;
    on_change: (value: string) => void;
}

// A text field that waits until typing pauses: the server filters, so not every key is a question.
export function Later({ value, on_change, ...rest }: Props) {
    const [text, set_text] = useState(value);
    const told = useRef(value);
    useEffect(() => {
        // Changed from outside: a link, the back button, "clear".
        if (value !== told.current) {
            told.current = value;
            set_text(value);
        }
    }, [value]);
    const latest = useRef(on_change);
    latest.current = on_change;
    useEffect(() => {
        if (text === told.current) return;
        const timer = setTimeout(() => {
            told.current = text;
            latest.current(text);
        }, 300);
        return () => clearTimeout(timer);
    }, [text]);
    return <input {...rest} value={text} onChange={(event) => set_text(event.target.value)} />;
}
