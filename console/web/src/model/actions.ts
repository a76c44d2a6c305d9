// Why a person can't do something to a partition at this moment; undefined: it can be asked for. The server decides;
// this only keeps the page from offering what will be refused.
import type { LockView, RunVerb } from '../api/types';
import { texts } from '../texts/en';

export type Verb = RunVerb | 'lock' | 'unlock';
export interface ActionFacts {
    state: string;
    lock?: LockView;
    connected: boolean;
    lost: boolean;
    busy: boolean;
}

const why = texts.partition.why;

// Likewise why a serial line can't be tested; `partition` has it.
export function why_no_test(facts: ActionFacts & { partition: string }): string | undefined {
    if (facts.busy) return why.busy;
    if (facts.lost) return why.lost;
    if (!facts.connected) return why.offline;
    if (facts.lock) return why.locked(facts.lock.by, facts.lock.reason);
    return is_off(facts.state) ? undefined : texts.gateway.test.why_runs(facts.partition);
}

const is_off = (state: string) => ['stopped', 'defined', 'failed', ''].includes(state);

export function why_not(verb: Verb, facts: ActionFacts): string | undefined {
    if (facts.busy) return why.busy;
    if (facts.lost) return why.lost;
    if (!facts.connected) return why.offline;
    if (verb === 'lock' || verb === 'unlock') return undefined;
    if (verb === 'start') return is_off(facts.state) ? undefined : why.running;
    if (facts.lock) return why.locked(facts.lock.by, facts.lock.reason);
    if (verb === 'stop' && (facts.state === 'stopped' || facts.state === 'defined')) return why.stopped;
    return undefined;
}
