// Tenants' routers: what they serve, over which uplinks, and whether those lead anywhere.
import type { RouterView, UplinkView } from '../api/types';
import { router_signal, uplink_signal } from '../model/signal';
import { texts } from '../texts/en';
import { Sign } from '../ui/signs';

const words = texts.gateway;

function Uplinks({ uplinks, fresh }: { uplinks: UplinkView[]; fresh: boolean }) {
    if (uplinks.length === 0) return <span className="quiet">{texts.none}</span>;
    return (
        <ul className="uplinks">
            {uplinks.map((one) => (
                <li key={one.name}>
                    <span className="inline">
                        {one.name} <Sign plain signal={uplink_signal(one, fresh)} />
                    </span>
                    <span className="because mono">{[one.interface, one.address, one.address6].filter(Boolean).join(' ')}</span>
                </li>
            ))}
        </ul>
    );
}

function Words({ all, wrap }: { all?: string[]; wrap?: boolean }) {
    if (!all || all.length === 0) return <span className="quiet">{texts.none}</span>;
    return (
        <span className="stack">
            {all.map((one) => (
                <span key={one} className={wrap ? 'mono' : 'mono nowrap'}>
                    {one}
                </span>
            ))}
        </span>
    );
}

export function Routers({ routers, fresh }: { routers: RouterView[]; fresh: boolean }) {
    return (
        <div className="panel">
            <table className="cards">
                <thead>
                    <tr>
                        <th scope="col">{words.tenant}</th>
                        <th scope="col">{words.state}</th>
                        <th scope="col">{words.uplinks}</th>
                        <th scope="col">{words.zones}</th>
                        <th scope="col" className="right">{words.leases}</th>
                        <th scope="col">{words.names}</th>
                        <th scope="col">{words.forwards}</th>
                    </tr>
                </thead>
                <tbody>
                    {routers.map((one) => (
                        <tr key={one.tenant} className={fresh ? '' : 'old'}>
                            <th scope="row" data-label={words.tenant}>
                                {one.tenant}
                            </th>
                            <td data-label={words.state}>
                                <Sign signal={router_signal(one.state, fresh)} />
                                {one.problem && <span className="because">{one.problem}</span>}
                            </td>
                            <td data-label={words.uplinks}>
                                <Uplinks uplinks={one.uplinks ?? []} fresh={fresh} />
                            </td>
                            <td data-label={words.zones}>
                                <Words all={one.zones} />
                            </td>
                            <td data-label={words.leases} className="num right">
                                {one.leases}
                            </td>
                            <td data-label={words.names}>
                                <Words all={one.names} wrap />
                            </td>
                            <td data-label={words.forwards}>
                                <Words all={one.forwards} wrap />
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
