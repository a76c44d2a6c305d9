// Who was refused what: the picture's denials in full, and why, in words.
import { useState } from 'react';
import type { DenialView } from '../api/types';
import { texts } from '../texts/en';
import { count_words, full_time } from '../texts/time';
import { Button } from '../ui/controls';
import { Ago } from '../ui/signs';

const words = texts.gateway;
const shown = 10;

function Row({ one, zone, read_at, fresh }: { one: DenialView; zone: string; read_at: number; fresh: boolean }) {
    return (
        <tr className={fresh ? '' : 'old'}>
            <th scope="row" data-label={words.from}>
                {one.from || <span className="quiet">{words.another}</span>}
            </th>
            <td data-label={words.to}>
                <span>{one.to || <span className="quiet">{words.nobody}</span>}</span>
                <span className="because mono">{one.address}</span>
            </td>
            <td data-label={words.service} className="mono">
                {one.service || texts.none}
            </td>
            <td data-label={words.reason}>
                <span className="mono reason">{one.reason}</span>
                {texts.reasons[one.reason] && <span className="because">{texts.reasons[one.reason]}</span>}
            </td>
            <td data-label={words.count} className="num right">
                {count_words(one.count)}
            </td>
            <td data-label={words.last} className="nowrap" title={full_time(one.last, zone)}>
                <Ago seconds={one.last_seconds} read_at={read_at} />
            </td>
        </tr>
    );
}

interface Props {
    denials: DenialView[];
    zone: string;
    read_at: number;
    fresh: boolean;
}

export function Refused({ denials, zone, read_at, fresh }: Props) {
    const [all, set_all] = useState(false);
    if (denials.length === 0) return <p className="panel pad quiet">{words.refused_none}</p>;
    return (
        <>
            <div className="panel">
                <table className="cards dense refused">
                    <thead>
                        <tr>
                            <th scope="col">{words.from}</th>
                            <th scope="col">{words.to}</th>
                            <th scope="col">{words.service}</th>
                            <th scope="col">{words.reason}</th>
                            <th scope="col" className="right">{words.count}</th>
                            <th scope="col">{words.last}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {denials.slice(0, all ? denials.length : shown).map((one) => (
                            <Row key={JSON.stringify([one.from, one.to, one.address, one.service, one.reason])} one={one} zone={zone} read_at={read_at} fresh={fresh} />
                        ))}
                    </tbody>
                </table>
            </div>
            <p className="hint foot">
                {words.refused_text}
                {!all && denials.length > shown && (
                    <Button look="quiet" onClick={() => set_all(true)}>
                        {words.show_all(denials.length)}
                    </Button>
                )}
            </p>
        </>
    );
}
