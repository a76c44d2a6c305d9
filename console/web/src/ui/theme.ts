// Light or dark: as the system says, unless this browser's user chose.
import { useState } from 'react';

export type Theme = 'auto' | 'light' | 'dark';
const key = 'bulkhead-theme';

function stored(): Theme {
    try {
        const value = localStorage.getItem(key);
        return value === 'light' || value === 'dark' ? value : 'auto';
    } catch {
        return 'auto';
    }
}

export function apply_theme(theme: Theme = stored()): void {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
    const [theme, set] = useState(stored);
    return [
        theme,
        (next) => {
            try {
                localStorage.setItem(key, next);
            } catch {
                // Without storage the choice lasts as long as the page.
            }
            apply_theme(next);
            set(next);
        },
    ];
}
