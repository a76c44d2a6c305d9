import { useEffect } from 'react';
import { texts } from '../texts/en';

export function useTitle(title: string): void {
    useEffect(() => {
        document.title = `${title} · ${texts.product}`;
    }, [title]);
}
