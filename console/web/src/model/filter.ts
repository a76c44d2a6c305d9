// The fleet list's filter lives in the page's address, so that a link shows the same list; the same words are the
// parameters of the API.
export interface FleetFilter {
    search: string;
    site: string;
    labels: string[];
    health: string;
    attestation: string;
    sort: string;
    page_token: string;
}

export const page_size = 50;

export function filter_from(query: string): FleetFilter {
    const from = new URLSearchParams(query);
    return {
        search: from.get('search') ?? '',
        site: from.get('site') ?? '',
        labels: from.getAll('label').filter(Boolean),
        health: from.get('health') ?? '',
        attestation: from.get('attestation') ?? '',
        sort: from.get('sort') ?? 'name',
        page_token: from.get('page_token') ?? '',
    };
}

export function query_of(filter: FleetFilter): string {
    const to = new URLSearchParams();
    if (filter.search) to.set('search', filter.search);
    if (filter.site) to.set('site', filter.site);
    for (const label of filter.labels) to.append('label', label);
    if (filter.health) to.set('health', filter.health);
    if (filter.attestation) to.set('attestation', filter.attestation);
    if (filter.sort !== 'name') to.set('sort', filter.sort);
    if (filter.page_token) to.set('page_token', filter.page_token);
    return to.toString();
}

// A changed filter begins at the first page: a page token belongs to the list that gave it.
export function with_change(filter: FleetFilter, change: Partial<FleetFilter>): FleetFilter {
    return { ...filter, page_token: '', ...change };
}

export function next_sort(current: string, column: string): string {
    return current === column ? `-${column}` : column;
}

export function labels_from(text: string): string[] {
    return text.split(/[\s,]+/).filter((part) => part.includes('=') && !part.startsWith('='));
}
