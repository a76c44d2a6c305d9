// Times in the site's zone with its name, and ages for people.
const formats = new Map<string, Intl.DateTimeFormat>();

function format_for(zone: string, parts: 'full' | 'clock'): Intl.DateTimeFormat {
    const key = `${zone} ${parts}`;
    const known = formats.get(key);
    if (known) return known;
    const options: Intl.DateTimeFormatOptions = {
        hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
        ...(parts === 'full' ? { day: '2-digit', month: 'short', year: 'numeric', timeZoneName: 'short' } : {}),
    };
    let made: Intl.DateTimeFormat;
    try {
        made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone || 'UTC' });
    } catch {
        // A zone that this browser does not know: UTC, which names itself.
        made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
    }
    formats.set(key, made);
    return made;
}

export function full_time(rfc3339: string, zone: string): string {
    const at = Date.parse(rfc3339);
    return Number.isFinite(at) ? format_for(zone, 'full').format(at) : '';
}

export function clock_time(rfc3339: string, zone: string): string {
    const at = Date.parse(rfc3339);
    return Number.isFinite(at) ? format_for(zone, 'clock').format(at) : '';
}

// 12 s, 4 min, 3 h 20 min, 5 d 2 h
export function age_words(seconds: number): string {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    const hours = Math.floor(s / 3600);
    const minutes = Math.floor((s % 3600) / 60);
    if (hours < 24) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
    const days = Math.floor(hours / 24);
    return hours % 24 > 0 ? `${days} d ${hours % 24} h` : `${days} d`;
}

export function count_words(count: number): string {
    return count.toLocaleString('en-GB').replaceAll(',', ' ');
}

export function byte_words(bytes: number): string {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let value = bytes;
    let unit = 0;
    while (value >= 1024 && unit + 1 < units.length) {
        value /= 1024;
        unit += 1;
    }
    return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
