// One node of the picture: its box and what stands in it.
import type { RouterView } from '../api/types';
import type { Refusal } from '../model/refusals';
import { attestation_signal, health_signal, router_signal, uplink_signal, type IconName, type Signal } from '../model/signal';
import type { PictureNode } from '../model/sheet';
import { texts } from '../texts/en';
import { count_words } from '../texts/time';
import { IconIn } from '../ui/Icon';

const words = texts.gateway;
const line_height = 16;
const row_height = 17;

function clip(text: string, width: number, per_character: number): string {
    const fit = Math.floor(width / per_character);
    return text.length <= fit ? text : `${text.slice(0, Math.max(1, fit - 1))}…`;
}

const between = (one: Refusal) => `${one.from || words.another} → ${one.to || words.nobody_short}`;

// What is written above the lines, and what is left of it.
function heading(node: PictureNode): { title: string; icon?: IconName } {
    switch (node.kind) {
        case 'refused':
            return { title: node.refusal ? between(node.refusal) : '', icon: 'deny' };
        case 'denied':
            return { title: node.title, icon: 'deny' };
        case 'router':
            return { title: node.title, icon: 'router' };
        case 'outside':
            return { title: node.title, icon: 'globe' };
        default:
            return { title: node.title };
    }
}

function lines_of(node: PictureNode, elsewhere: string): string[] {
    switch (node.kind) {
        case 'refused':
            return [
                ...(node.refusal?.reasons ?? []).slice(0, 2).map((one) => words.refused_times(count_words(one.count), one.reason)),
                [(node.refusal?.services ?? []).join(', '), node.refusal?.to ? '' : node.refusal?.address].filter(Boolean).join(' · '),
            ];
        case 'denied':
            return [words.no_conduit];
        case 'router':
            return [words.router];
        case 'outside':
            return [elsewhere];
        default:
            return node.lines;
    }
}

// All of it, for who points at it: nothing is clipped here.
function hint_of(node: PictureNode, lines: string[]): string {
    const uplinks = (node.router?.uplinks ?? []).map((one) => `${one.name} ${one.interface} ${one.address}: ${uplink_signal(one, true).word}`);
    const reasons = (node.refusal?.reasons ?? []).map((one) => `${words.refused_times(count_words(one.count), one.reason)}: ${texts.reasons[one.reason] ?? one.reason}`);
    return [
        heading(node).title, ...(node.refusal ? [...reasons, ...node.refusal.services, node.refusal.address] : lines), ...uplinks,
        node.router?.problem, node.device?.error, node.conduit?.because,
    ].filter(Boolean).join('\n');
}

function SignIn({ signal, x, y }: { signal: Signal; x: number; y: number }) {
    return (
        <g className={`tone-${signal.tone}`}>
            <IconIn name={signal.icon} x={x} y={y - 11} size={14} className="sign-icon" />
            <text x={x + 18} y={y} className="node-sign">
                {signal.tag ? `${signal.word}, ${signal.tag}` : signal.word}
            </text>
        </g>
    );
}

// Its state, if it does not work, and a row for each way out.
function RouterRows({ router, x, y, width, fresh }: { router: RouterView; x: number; y: number; width: number; fresh: boolean }) {
    const working = router.state === 'working';
    const rows = (router.uplinks ?? []).map((one) => ({ name: one.name, signal: uplink_signal(one, fresh) }));
    return (
        <>
            {!working && <SignIn signal={router_signal(router.state, fresh)} x={x} y={y} />}
            {rows.map(({ name, signal }, at) => (
                <g key={name} className={`tone-${signal.tone}`}>
                    <IconIn name={signal.icon} x={x} y={y + (at + (working ? 0 : 1)) * row_height - 11} size={13} className="sign-icon" />
                    <text x={x + 18} y={y + (at + (working ? 0 : 1)) * row_height} className="node-sign">
                        <tspan className="uplink-name">{clip(name, width - 30 - 6.6 * signal.word.length, 6.6)}</tspan> {signal.word}
                    </text>
                </g>
            ))}
        </>
    );
}

interface Props {
    node: PictureNode;
    fresh: boolean;
    hue: number;
    elsewhere: string;
    open?: () => void;
}

export function NodeBox({ node, fresh, hue, elsewhere, open }: Props) {
    const { x, y, width, height } = node;
    const broken =
        (node.device && (!node.device.present || node.device.error)) || (node.conduit && !node.conduit.open) || (node.router && node.router.state !== 'working');
    const { title, icon } = heading(node);
    const lines = lines_of(node, elsewhere);
    const indent = icon ? 20 : 0;
    return (
        <g className={`node node-${node.kind} ${broken ? 'broken' : ''} ${open ? 'open' : ''}`} onClick={open}>
            <title>{hint_of(node, lines)}</title>
            <rect x={x} y={y} width={width} height={height} rx={6} />
            {hue >= 0 && <rect className={`stripe tenant-${hue}`} x={x} y={y} width={4} height={height} rx={2} />}
            {icon && <IconIn name={icon} x={x + 11} y={y + 9} className="head-icon" />}
            <text x={x + 12 + indent} y={y + 20} className="node-title">
                {clip(title, width - 24 - indent * 0.8, 7.4)}
            </text>
            {lines.map((line, at) => (
                <text key={`${at} ${line}`} x={x + 12} y={y + 38 + at * line_height} className="node-line">
                    {clip(line, width - 18, node.kind === 'bus' ? 6.1 : 6.9)}
                </text>
            ))}
            {node.partition && (
                <>
                    <SignIn signal={health_signal(node.partition.health, fresh)} x={x + 12} y={y + 75} />
                    <SignIn signal={{ ...attestation_signal(node.partition.attestation, node.partition.trust_anchor, fresh), tag: undefined }} x={x + 92} y={y + 75} />
                </>
            )}
            {node.router && <RouterRows router={node.router} x={x + 12} y={y + 58} width={width - 18} fresh={fresh} />}
            {node.kind === 'interface' && (
                <g className={node.dropped ? 'tone-warn' : 'tone-none'}>
                    <IconIn name={node.dropped ? 'deny' : 'check'} x={x + 12} y={y + 43} className="sign-icon" size={13} />
                    <text x={x + 29} y={y + 54} className="node-sign">
                        {node.dropped ? words.dropped_short(count_words(node.dropped)) : words.nothing_dropped}
                    </text>
                </g>
            )}
        </g>
    );
}
