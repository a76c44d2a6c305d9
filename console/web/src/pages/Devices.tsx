// Devices: those of the spec and who has them, then what else is on the buses, and why it can't be assigned.
import type { DeviceView, PartitionView } from '../api/types';
import { device_signal } from '../model/signal';
import { texts } from '../texts/en';
import { Sign } from '../ui/signs';
import { DeviceTest } from './DeviceTest';

const words = texts.gateway;

function Why({ one }: { one: DeviceView }) {
    return (
        <>
            {one.error && <span className="because">{one.error}</span>}
            {(one.obstacles ?? []).map((obstacle) => (
                <span key={obstacle.why} className="because">
                    {obstacle.why}
                    {obstacle.mend && <span className="mono"> {obstacle.mend}</span>}
                </span>
            ))}
        </>
    );
}

interface Known {
    devices: DeviceView[];
    partitions: PartitionView[];
    fresh: boolean;
    connected: boolean;
}

export function Devices({ devices, partitions, fresh, connected }: Known) {
    const shown = devices.filter((one) => one.name || !one.board);
    return (
        <div className="panel">
            <table className="cards">
                <thead>
                    <tr>
                        <th scope="col">{words.column.device}</th>
                        <th scope="col">{words.state}</th>
                        <th scope="col">{words.column.partition}</th>
                        <th scope="col">{words.place}</th>
                        <th scope="col">{words.what}</th>
                    </tr>
                </thead>
                <tbody>
                    {shown.map((one) => (
                        <tr key={one.name || one.id} className={fresh ? '' : 'old'}>
                            <th scope="row" data-label={words.column.device}>
                                {one.name || <span className="quiet">{words.undeclared}</span>}
                                <span className="because">{one.kind}</span>
                            </th>
                            <td data-label={words.state}>
                                <Sign signal={device_signal(one, fresh)} />
                                <Why one={one} />
                                <DeviceTest device={one} owner={partitions.find((each) => each.name === one.partition)} connected={connected} />
                            </td>
                            <td data-label={words.column.partition}>
                                {one.partition || <span className="quiet">{texts.none}</span>}
                                {one.guest_path && <span className="because mono">{one.guest_path}</span>}
                            </td>
                            <td data-label={words.place}>
                                <span className="mono">{one.id || one.at}</span>
                                {one.group && <span className="because">{words.group(one.group)}</span>}
                            </td>
                            <td data-label={words.what}>
                                {one.title}
                                {one.driver && <span className="because mono">{one.driver}</span>}
                                {one.guard && (
                                    <span className="because" title={one.guard.rules}>
                                        {words.guard(String(one.guard.passed), String(one.guard.refused))}
                                        {one.guard.last && `: ${one.guard.last}`}
                                    </span>
                                )}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
