// Who may reach whom, and what was dropped: the picture's denied side in words.
import type { ConduitView, PartitionView } from '../api/types';
import { drops_of, verdict, type Verdict } from '../model/paths';
import { texts } from '../texts/en';
import { count_words } from '../texts/time';
import { Icon } from '../ui/Icon';

const words = texts.gateway;

function Cell({ is, fresh }: { is: Verdict; fresh: boolean }) {
    switch (is.kind) {
        case 'self':
            return <td className="cell-self" aria-label={words.self} />;
        case 'open':
            return (
                <td className={fresh ? 'cell-open' : 'cell-old'} title={is.conduits.map((one) => `${one.name}: ${one.because}`).join('\n')}>
                    <Icon name={fresh ? 'check' : 'clock'} size={14} />
                    <span className="mono">{is.conduits.flatMap((one) => one.allow ?? []).join(', ')}</span>
                    <span className="because">{is.conduits.map((one) => one.because).join('; ')}</span>
                    {is.conduits.map((one) => one.guard && (
                        <span key={one.name} className="because" title={one.guard.rules}>
                            {words.guard(String(one.guard.passed), String(one.guard.refused))}
                            {(one.guard.problem || one.guard.last) && `: ${one.guard.problem || one.guard.last}`}
                        </span>
                    ))}
                </td>
            );
        case 'closed':
            return (
                <td className="cell-closed">
                    <Icon name="warning" size={14} />
                    {words.closed}
                </td>
            );
        case 'answers':
            return (
                <td className="cell-answers">
                    <Icon name="restart" size={14} />
                    {words.answers}
                </td>
            );
        case 'denied':
            return (
                <td className="cell-denied">
                    <Icon name="deny" size={14} />
                    {words.denied}
                </td>
            );
    }
}

export function Matrix({ partitions, conduits, fresh }: { partitions: PartitionView[]; conduits: ConduitView[]; fresh: boolean }) {
    const names = partitions.map((one) => one.name).sort();
    return (
        <div className="panel scroll" tabIndex={0} role="group" aria-label={words.matrix}>
            <table className="matrix">
                <thead>
                    <tr>
                        <th scope="col">
                            {words.from} ↓ · {words.to} →
                        </th>
                        {names.map((name) => (
                            <th key={name} scope="col">
                                {name}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {names.map((from) => (
                        <tr key={from}>
                            <th scope="row">{from}</th>
                            {names.map((to) => (
                                <Cell key={to} is={verdict(from, to, conduits)} fresh={fresh} />
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

export function Drops({ partitions }: { partitions: PartitionView[] }) {
    const rows = partitions.flatMap((one) => drops_of(one).map((drop) => ({ ...drop, partition: one.name })));
    const most = Math.max(1, ...rows.map((row) => row.frames));
    if (rows.length === 0) return <p className="panel pad quiet">{words.drops_none}</p>;
    return (
        <div className="panel scroll" tabIndex={0} role="group" aria-label={words.drops}>
            <table className="plain-table">
                <thead>
                    <tr>
                        <th scope="col">{words.from}</th>
                        <th scope="col">{words.reason}</th>
                        <th scope="col" className="right">{words.frames}</th>
                        <th scope="col" aria-hidden="true" />
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row) => (
                        <tr key={`${row.partition} ${row.reason}`}>
                            <th scope="row">{row.partition}</th>
                            <td className="mono">{row.reason}</td>
                            <td className="num right">{count_words(row.frames)}</td>
                            <td aria-hidden="true">
                                <svg className="bar" viewBox="0 0 100 6" preserveAspectRatio="none">
                                    <rect width={Math.max(1.5, (100 * row.frames) / most)} height="6" rx="1" />
                                </svg>
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
