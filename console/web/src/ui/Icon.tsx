// Line icons, 20 by 20, drawn for this product. Always beside a word, so always hidden from screen readers.
import type { IconName } from '../model/signal';

const shield = 'M10 2.5l6 2v5c0 4-2.6 6.7-6 8-3.4-1.3-6-4-6-8v-5z';
const paths: Record<IconName, string> = {
    check: 'M4.5 10.5l3.8 3.8 7.4-8.4',
    warning: 'M10 3l7.5 13.5h-15zM10 8.2v4M10 14.2v.2',
    cross: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
    clock: 'M10 3a7 7 0 100 14 7 7 0 000-14zM10 6v4.3l2.8 1.7',
    question: 'M7.2 7.4a2.8 2.8 0 114 2.5c-.8.5-1.2 1-1.2 2M10 14.6v.2',
    shield: `${shield}M7 10l2.2 2.2L13.2 8`,
    'shield-half': `${shield}M10 2.5v15`,
    'shield-cross': `${shield}M7.8 7.6l4.4 4.4M12.2 7.6l-4.4 4.4`,
    play: 'M6.5 4.5l9 5.5-9 5.5z',
    stop: 'M5.5 5.5h9v9h-9z',
    restart: 'M15.5 10a5.5 5.5 0 11-1.8-4.1M15.8 3v3.4h-3.4',
    lock: 'M5 9h10v7.5H5zM7 9V6.5a3 3 0 016 0V9',
    unlock: 'M5 9h10v7.5H5zM7 9V6.5a3 3 0 015.8-1',
    fleet: 'M3 4h6v5H3zM11 4h6v5h-6zM3 11h6v5H3zM11 11h6v5h-6z',
    events: 'M3 10h3.2l2-5 3.2 10 2.2-5H17',
    audit: 'M5 2.8h10v14.4H5zM7.5 6.5h5M7.5 9.5h5M7.5 12.5h3',
    users: 'M7.5 9a2.8 2.8 0 100-5.6 2.8 2.8 0 000 5.6zM2.5 16.5c0-3 2-4.8 5-4.8s5 1.8 5 4.8M13 3.8a2.6 2.6 0 010 4.9M14.5 12c1.9.5 3 2.1 3 4.5',
    plus: 'M10 4v12M4 10h12',
    account: 'M10 9.5a3.2 3.2 0 100-6.4 3.2 3.2 0 000 6.4zM4 17c0-3.2 2.5-5 6-5s6 1.8 6 5',
    sun: 'M10 6.5a3.5 3.5 0 100 7 3.5 3.5 0 000-7zM10 2v2M10 16v2M2 10h2M16 10h2M4.4 4.4l1.4 1.4M14.2 14.2l1.4 1.4M15.6 4.4l-1.4 1.4M5.8 14.2l-1.4 1.4',
    moon: 'M15.8 12.2A6.6 6.6 0 017.8 4.2a6.6 6.6 0 108 8z',
    auto: 'M3 4h14v9.5H3zM7.5 16.8h5M10 13.5v3.3',
    link: 'M8.5 11.5l3-3M9 6.5l1.8-1.8a3.2 3.2 0 014.5 4.5L13.5 11M11 13.5l-1.8 1.8a3.2 3.2 0 01-4.5-4.5L6.5 9',
    'link-off': 'M9 6.5l1.8-1.8a3.2 3.2 0 014.5 4.5L13.5 11M11 13.5l-1.8 1.8a3.2 3.2 0 01-4.5-4.5L6.5 9M3.5 3.5l13 13',
    deny: 'M10 3a7 7 0 100 14 7 7 0 000-14zM5.2 5.2l9.6 9.6',
    chevron: 'M7.5 4.5l5.5 5.5-5.5 5.5',
    copy: 'M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7',
    search: 'M9 3.5a5.5 5.5 0 100 11 5.5 5.5 0 000-11zM13 13l4 4',
    terminal: 'M2.8 4h14.4v12H2.8zM5.5 7.5L8 10l-2.5 2.5M9.8 12.5h4',
    output: 'M3 5h14M3 8.4h9M3 11.8h12M3 15.2h7',
    chip: 'M5.5 5.5h9v9h-9zM8 5.5V3M12 5.5V3M8 17v-2.5M12 17v-2.5M5.5 8H3M5.5 12H3M17 8h-2.5M17 12h-2.5',
    gateway: 'M2.8 6h14.4v8H2.8zM7.6 6v8M12.4 6v8',
    up: 'M10 16V4.5M5 9.2l5-5 5 5',
    down: 'M10 4v11.5M5 10.8l5 5 5-5',
    trash: 'M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11',
    glass: 'M4 3.5h12M5 3.5l1.5 7a3.6 3.6 0 007 0l1.5-7M10 13.8v3.2M7 17h6',
    key: 'M7 13a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM10.4 9.5H17v3M14 9.5V12',
    globe: 'M10 3a7 7 0 100 14 7 7 0 000-14zM3.4 8h13.2M3.4 12h13.2M10 3c-4.4 4-4.4 10 0 14M10 3c4.4 4 4.4 10 0 14',
    router: 'M3 10h14M6.2 6.8L3 10l3.2 3.2M13.8 6.8L17 10l-3.2 3.2M10 3.5v13',
    drift: 'M3 13c2.5-6 4.5-6 7-3s4.5 3 7-3',
};

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
    return (
        <svg className="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d={paths[name]} />
        </svg>
    );
}

// The same inside another SVG.
export function IconIn({ name, x, y, size = 14, className = '' }: { name: IconName; x: number; y: number; size?: number; className?: string }) {
    return (
        <g className={`icon ${className}`} transform={`translate(${x} ${y}) scale(${size / 20})`}>
            <path d={paths[name]} />
        </g>
    );
}
