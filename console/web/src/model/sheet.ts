// What the picture is drawn on: nodes in columns that never overlap, and edges between them.
import type { ConduitView, DeviceView, PartitionView, RouterView } from '../api/types';
import type { Refusal } from './refusals';

export type NodeKind = 'bus' | 'device' | 'partition' | 'interface' | 'zone' | 'router' | 'outside' | 'conduit' | 'refused' | 'denied';
export interface PictureNode {
    id: string;
    kind: NodeKind;
    column: number;
    x: number;
    y: number;
    width: number;
    height: number;
    title: string;
    lines: string[];
    tenant: string;
    partition?: PartitionView;
    device?: DeviceView;
    conduit?: ConduitView;
    router?: RouterView;
    refusal?: Refusal;
    dropped?: number;
}
export interface PictureEdge {
    from: string;
    to: string;
    // serves: from a router to its zone. refused: up to where it was stopped; unreached: from there to where it was meant to go.
    kind: 'holds' | 'serves' | 'flow' | 'arrive' | 'refused' | 'unreached' | 'denied';
    broken: boolean;
}

export const columns = ['bus', 'device', 'partition', 'interface', 'zone', 'conduit'] as const;
const widths = [150, 128, 192, 138, 140, 200];
// Conduits come and go on the zones' right side: they need room.
const gaps = [34, 34, 34, 42, 84, 0];
export const top = 40;
export const row_gap = 14;

export function left_of(column: number): number {
    return widths.slice(0, column).reduce((sum, width, at) => sum + width + (gaps[at] ?? 0), 0);
}
export function width_of(column: number): number {
    return widths[column] ?? 120;
}

export class Sheet {
    readonly nodes: PictureNode[] = [];
    readonly edges: PictureEdge[] = [];
    private readonly ends = widths.map(() => top);
    private readonly ids = new Map<string, PictureNode>();

    // At `wanted`, or below what stands in its column already.
    put(node: Omit<PictureNode, 'x' | 'y' | 'width' | 'height'>, wanted = 0, height = 30 + node.lines.length * 16): PictureNode {
        const y = Math.max(this.end_of(node.column), wanted);
        const whole = { ...node, x: left_of(node.column), y, width: width_of(node.column), height };
        this.ends[node.column] = y + height + row_gap;
        this.nodes.push(whole);
        this.ids.set(whole.id, whole);
        return whole;
    }
    link(from: string, to: string, kind: PictureEdge['kind'], broken = false): void {
        this.edges.push({ from, to, kind, broken });
    }
    node(id: string): PictureNode | undefined {
        return this.ids.get(id);
    }
    end_of(column: number): number {
        return this.ends[column] ?? top;
    }
    get height(): number {
        return Math.max(...this.ends, 120) + 6;
    }
}
