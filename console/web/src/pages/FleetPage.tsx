import { Link, useLocation, useSearch } from 'wouter';
import { useGateways } from '../api/queries';
import type { GatewayView } from '../api/types';
import { filter_from, labels_from, next_sort, page_size, query_of, with_change, type FleetFilter } from '../model/filter';
import { attestation_signal, connection_signal, health_signal } from '../model/signal';
import { texts } from '../texts/en';
import { Button, Empty, Failure, Field, Loading } from '../ui/controls';
import { useFresh } from '../ui/fresh';
import { Icon } from '../ui/Icon';
import { useMay } from '../ui/session';
import { Ago, Labels, Sign } from '../ui/signs';
import { useTitle } from '../ui/title';
import { Later } from '../ui/Later';

const words = texts.fleet;

function FilterBar({ filter, set, sites }: { filter: FleetFilter; set: (change: Partial<FleetFilter>) => void; sites: string[] }) {
    const choice = (label: string, value: string, options: string[], change: (value: string) => void) => (
        <Field label={label}>
            {(id) => (
                <select id={id} value={value} onChange={(event) => change(event.target.value)}>
                    <option value="">{words.any}</option>
                    {options.map((option) => (
                        <option key={option}>{option}</option>
                    ))}
                </select>
            )}
        </Field>
    );
    const is_set = query_of({ ...filter, sort: 'name', page_token: '' }) !== '';
    return (
        <search className="filter-bar">
            <Field label={words.search}>
                {(id) => <Later id={id} type="search" placeholder={words.search_hint} value={filter.search} on_change={(search) => set({ search })} />}
            </Field>
            <Field label={words.site}>
                {(id) => (
                    <>
                        <Later id={id} list="sites" value={filter.site} placeholder={words.any} on_change={(site) => set({ site })} />
                        <datalist id="sites">
                            {sites.map((site) => (
                                <option key={site} value={site} />
                            ))}
                        </datalist>
                    </>
                )}
            </Field>
            <Field label={words.labels}>
                {(id) => <Later id={id} placeholder={words.labels_hint} value={filter.labels.join(' ')} on_change={(text) => set({ labels: labels_from(text) })} />}
            </Field>
            {choice(words.health, filter.health, ['ok', 'degraded', 'unknown'], (health) => set({ health }))}
            {choice(words.attestation, filter.attestation, ['trusted', 'untrusted', 'stale', 'unknown'], (attestation) => set({ attestation }))}
            {is_set && (
                <Button icon="cross" look="quiet" onClick={() => set({ search: '', site: '', labels: [], health: '', attestation: '' })}>
                    {words.clear}
                </Button>
            )}
        </search>
    );
}

function Generation({ gateway }: { gateway: GatewayView }) {
    const behind = gateway.generation !== gateway.generation_applied;
    return (
        <span className="stack">
            <span className="num">{gateway.generation || texts.none}</span>
            {behind && <span className="note tone-warn">{words.behind(gateway.generation_applied)}</span>}
            {gateway.drift > 0 && <span className="note tone-warn">{words.drifting}</span>}
            {gateway.break_glass && (
                <span className="note tone-bad" title={gateway.break_glass}>
                    {words.glass}
                </span>
            )}
        </span>
    );
}

function Row({ gateway, read_at }: { gateway: GatewayView; read_at: number }) {
    const line_fresh = useFresh(read_at);
    const fresh = line_fresh && gateway.connection === 'connected';
    const proof = gateway.attestation;
    return (
        <tr className={fresh ? '' : 'old'}>
            <th scope="row" data-label={words.gateway}>
                <Link href={`/gateways/${encodeURIComponent(gateway.name)}`}>{gateway.name}</Link>
                <Labels labels={gateway.labels} />
            </th>
            <td data-label={words.site} className="nowrap">{gateway.site || texts.none}</td>
            <td data-label={words.health}>
                <Sign signal={health_signal(gateway.health, fresh)} />
                {gateway.reason && <span className="because">{gateway.reason}</span>}
            </td>
            <td data-label={words.attestation}>
                <Sign signal={attestation_signal(proof?.attestation ?? 'unknown', proof?.trust_anchor ?? '', fresh)} />
                {proof?.attested_at && (
                    <span className="because">
                        <Ago seconds={proof.age_seconds} read_at={read_at} />
                        {proof.text && <> · {proof.text}</>}
                    </span>
                )}
            </td>
            <td data-label={words.partitions} className="nowrap">
                <span className="num">{words.of(gateway.partitions_ok, gateway.partitions)}</span>
            </td>
            <td data-label={words.generation} className="nowrap">
                <Generation gateway={gateway} />
            </td>
            <td data-label={words.seen}>
                <Sign plain signal={connection_signal(gateway.connection, line_fresh)} />
                {gateway.connection !== 'never' && (
                    <span className="because">
                        <Ago seconds={gateway.last_seen_seconds} read_at={read_at} />
                    </span>
                )}
            </td>
        </tr>
    );
}

export function FleetPage() {
    useTitle(words.title);
    const [, navigate] = useLocation();
    const filter = filter_from(useSearch());
    const may_add = useMay('manage-gateways');
    const query = new URLSearchParams(query_of(filter));
    query.set('page_size', String(page_size));
    const list = useGateways(query.toString());
    const go = (next: FleetFilter, replace: boolean) => {
        const text = query_of(next);
        navigate(text ? `/?${text}` : '/', { replace });
    };
    const set = (change: Partial<FleetFilter>) => go(with_change(filter, change), true);
    const items = list.data?.items ?? [];
    const filtered = query_of({ ...filter, sort: 'name' }) !== '';
    const column = (title: string, key: string) => {
        const descending = filter.sort === `-${key}`;
        const sorted = descending || filter.sort === key;
        return (
            <th scope="col" aria-sort={sorted ? (descending ? 'descending' : 'ascending') : undefined}>
                <button type="button" className="sort" onClick={() => set({ sort: next_sort(filter.sort, key) })} title={words.sort_by(title)}>
                    {title}
                    {sorted && <Icon name={descending ? 'down' : 'up'} size={12} />}
                </button>
            </th>
        );
    };
    return (
        <>
            <div className="page-head">
                <div>
                    <h1>{words.title}</h1>
                    <p className="lead">{list.data && words.count(list.data.total ?? items.length)}</p>
                </div>
                {may_add && (
                    <Link href="/add" className="button primary">
                        <Icon name="plus" size={16} />
                        {texts.nav.add}
                    </Link>
                )}
            </div>
            <FilterBar filter={filter} set={set} sites={[...new Set(items.map((one) => one.site).filter(Boolean))].sort()} />
            <Failure error={list.error} on_retry={() => void list.refetch()} />
            {list.isPending && !list.error && <Loading />}
            {list.data && items.length === 0 && (
                <Empty icon="gateway" title={filtered ? words.none : words.empty}>
                    <p>{filtered ? words.none_text : words.empty_text}</p>
                    {!filtered && may_add && <Link href="/add">{texts.nav.add}</Link>}
                </Empty>
            )}
            {items.length > 0 && (
                <div className="panel">
                    <table className="cards">
                        <thead>
                            <tr>
                                {column(words.gateway, 'name')}
                                {column(words.site, 'site')}
                                {column(words.health, 'health')}
                                {column(words.attestation, 'attestation')}
                                <th scope="col">{words.partitions}</th>
                                <th scope="col">{words.generation}</th>
                                {column(words.seen, 'last_seen')}
                            </tr>
                        </thead>
                        <tbody>
                            {items.map((gateway) => (
                                <Row key={gateway.name} gateway={gateway} read_at={list.dataUpdatedAt} />
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
            {(filter.page_token || list.data?.next) && (
                <div className="pager">
                    {filter.page_token && <Button onClick={() => go({ ...filter, page_token: '' }, false)}>{words.first}</Button>}
                    {list.data?.next && (
                        <Button icon="chevron" onClick={() => go({ ...filter, page_token: list.data.next ?? '' }, false)}>
                            {words.next}
                        </Button>
                    )}
                </div>
            )}
        </>
    );
}
