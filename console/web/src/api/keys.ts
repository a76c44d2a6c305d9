// Names of what was read from the console, and which of it a change makes old.
import type { Change } from './types';

export const keys = {
    session: ['session'] as const,
    gateways: (query = '') => ['gateways', query] as const,
    gateway: (name: string) => ['gateway', name] as const,
    part: (name: string, part: string) => ['gateway', name, part] as const,
    partition: (gateway: string, name: string, part = 'view') => ['gateway', gateway, 'partition', name, part] as const,
    events: (query = '') => ['events', query] as const,
    audit: (query = '') => ['audit', query] as const,
    users: ['users'] as const,
};

export function keys_touched_by(change: Change): (readonly unknown[])[] {
    switch (change.kind) {
        case 'all':
            return [[]];
        case 'event':
            return [['events'], ['audit']];
        case 'user':
            return [keys.users, ['audit']];
        default:
            return change.gateway === '' ? [['gateways'], ['gateway']] : [['gateways'], keys.gateway(change.gateway)];
    }
}
