import { Link, useLocation, useSearch } from 'wouter';
import { useEvents, useGateways } from '../api/queries';
import { texts } from '../texts/en';
import { Button, Empty, Failure, Field, Loading } from '../ui/controls';
import { Later } from '../ui/Later';
import { Time } from '../ui/signs';
import { useTitle } from '../ui/title';

const words = texts.events;

export function EventsPage() {
    useTitle(words.title);
    const [, navigate] = useLocation();
    const search = new URLSearchParams(useSearch());
    const query = new URLSearchParams(search);
    query.set('page_size', '200');
    const events = useEvents(query.toString());
    // Zones of the gateways' sites; the list is small and mostly read already.
    const gateways = useGateways('page_size=1000');
    const zone_of = (name: string) => gateways.data?.items.find((one) => one.name === name)?.time_zone ?? '';
    const set = (name: string, value: string) => {
        const next = new URLSearchParams(search);
        next.delete('page_token');
        if (value) next.set(name, value);
        else next.delete(name);
        navigate(`/events?${next}`, { replace: name !== 'page_token' });
    };
    const paged = search.has('page_token');
    // Newest on top, but a walk from the beginning reads downwards.
    const items = paged ? (events.data?.items ?? []) : [...(events.data?.items ?? [])].reverse();
    return (
        <>
            <div className="page-head">
                <h1>{words.title}</h1>
            </div>
            <search className="filter-bar">
                <Field label={words.gateway}>{(id) => <Later id={id} value={search.get('gateway') ?? ''} placeholder={texts.fleet.any} on_change={(value) => set('gateway', value)} />}</Field>
                <Field label={words.code}>{(id) => <Later id={id} value={search.get('code') ?? ''} placeholder={words.code_hint} on_change={(value) => set('code', value)} />}</Field>
                <Field label={words.search}>{(id) => <Later id={id} type="search" value={search.get('search') ?? ''} on_change={(value) => set('search', value)} />}</Field>
                <Button look="quiet" onClick={() => set('page_token', paged ? '' : '0')}>
                    {paged ? words.newest : words.beginning}
                </Button>
            </search>
            <Failure error={events.error} on_retry={() => void events.refetch()} />
            {events.isPending && !events.error && <Loading />}
            {events.data && items.length === 0 && <Empty icon="events" title={[...search.keys()].length > 0 ? words.empty : words.none_yet} />}
            {items.length > 0 && (
                <div className="panel">
                    <table className="cards dense">
                        <thead>
                            <tr>
                                <th scope="col">{words.time}</th>
                                <th scope="col">{words.where}</th>
                                <th scope="col">{words.code}</th>
                                <th scope="col">{words.text}</th>
                                <th scope="col">{words.actor}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {items.map((one) => (
                                <tr key={`${one.gateway} ${one.id}`}>
                                    <td data-label={words.time} className="num nowrap">
                                        <Time at={one.time} zone={zone_of(one.gateway)} />
                                    </td>
                                    <td data-label={words.where}>
                                        <span className="stack">
                                            <Link href={`/gateways/${encodeURIComponent(one.gateway)}`}>{one.gateway}</Link>
                                            {one.partition && <Link className="sub" href={`/gateways/${encodeURIComponent(one.gateway)}/partitions/${encodeURIComponent(one.partition)}`}>{one.partition}</Link>}
                                        </span>
                                    </td>
                                    <td data-label={words.code} className="mono">{one.code}</td>
                                    <td data-label={words.text}>{one.text}</td>
                                    <td data-label={words.actor} className="mono">{one.actor}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
            {paged && events.data?.next && (
                <div className="pager">
                    <Button icon="chevron" onClick={() => set('page_token', events.data.next ?? '')}>{words.next}</Button>
                </div>
            )}
        </>
    );
}
