// The bodies of console/api/openapi.yaml, which are the messages of proto/bulkhead/v1alpha1/control.proto and
// switch.proto with their own field names. The one place where they stand in TypeScript.

export type Role = 'it-admin' | 'ot-operator' | 'vendor' | 'auditor';
export type Right =
    | 'see'
    | 'see-audit'
    | 'run'
    | 'lock'
    | 'read-output'
    | 'use-serial'
    | 'capture'
    | 'test-devices'
    | 'set-desired'
    | 'manage-gateways'
    | 'manage-users';
export type Attestation = 'trusted' | 'untrusted' | 'stale' | 'unknown';
export type Health = 'ok' | 'degraded' | 'unknown' | 'no agent';
export type RunVerb = 'start' | 'stop' | 'restart';

export interface Session {
    user: string;
    role: Role;
    tenant: string;
    rights: Right[];
}

export interface ErrorDetail {
    code: string;
    what: string;
    where: string;
    wanted: string;
    mend: string;
}

export interface Page<T> {
    items: T[];
    next?: string;
    total?: number;
}

export interface Change {
    gateway: string;
    partition: string;
    kind: 'gateway' | 'partition' | 'attestation' | 'event' | 'user' | 'all';
}

export interface AttestationView {
    gateway: string;
    partition: string;
    attestation: Attestation;
    trust_anchor: string;
    attested_at: string;
    age_seconds: number;
    reason: string;
    text: string;
    pcr: string;
    record: string;
    expected: string;
    seen: string;
}

export interface GatewayView {
    name: string;
    site: string;
    labels?: Record<string, string>;
    connection: 'connected' | 'offline' | 'never';
    last_seen: string;
    last_seen_seconds: number;
    health: Health;
    reason: string;
    partitions: number;
    partitions_ok: number;
    attestation?: AttestationView;
    generation: number;
    generation_applied: number;
    phase: string;
    drift: number;
    time_zone: string;
    version: string;
    break_glass: string;
    accelerator: string;
    events_dropped: number;
}

export interface Drift {
    subject: string;
    what: string;
    rule: string;
    mend: string;
}

export interface Status {
    gateway: string;
    site: string;
    accelerator: string;
    accelerator_reason: string;
    generation: number;
    phase: string;
    reason: string;
    drift?: Drift[];
    partitions: number;
    partitions_ok: number;
    hypervisor: string;
    operation: string;
    console: string;
    console_state: string;
    signed_generation: number;
    break_glass: string;
    spooled: number;
    attestation?: AttestationView;
    time_zone: string;
    version: string;
    labels?: Record<string, string>;
}

export interface GatewayPage {
    gateway: GatewayView;
    status?: Status;
}

export interface DeviceTest {
    device: string;
    line: string;
    sent: number;
    heard: number;
    wrong: number;
    took_ms: number;
    line_ms: number;
    verdict: string;
    passed: boolean;
}

export interface DeviceView {
    gateway: string;
    name: string;
    kind: string;
    at: string;
    partition: string;
    tenant: string;
    guest_path: string;
    line: string;
    token: number;
    present: boolean;
    error: string;
    to_device_bytes: number;
    to_guest_bytes: number;
    health: string;
    id: string;
    title: string;
    vendor_id: string;
    product_id: string;
    serial_number: string;
    node: string;
    driver: string;
    parent: string;
    group: string;
    group_members?: string[];
    resets?: string[];
    used_by: string;
    rs485: string;
    board: boolean;
    obstacles?: Obstacle[];
    guard?: GuardView;
}

export interface GuardView {
    rules: string;
    passed: number;
    refused: number;
    broken: number;
    last: string;
    problem?: string; // of a conduit's: why nothing passes
}

export interface Obstacle {
    why: string;
    mend: string;
}

export interface InterfaceView {
    name: string;
    zone: string;
    address: string;
    mac: string;
    received: number;
    delivered: number;
    dropped?: Record<string, number>;
}

export interface VolumeView {
    name: string;
    size: string;
    mount: string;
    used_kib: number;
}

export interface ApplicationView {
    name: string;
    state: string;
    last_output: string;
    restarts: number;
    last_error: string;
}

export interface LockView {
    by: string;
    reason: string;
    since: string;
}

export interface AgentView {
    version: string;
    kernel: string;
    boot_id: string;
    uptime_ms: number;
    load: string;
    memory_total_kib: number;
    memory_available_kib: number;
    last_heard_ms: number;
    frames: number;
    rejected: number;
}

export interface PartitionView {
    gateway: string;
    name: string;
    uid: string;
    tenant: string;
    state: string;
    health: Health;
    reason: string;
    since: string;
    since_seconds: number;
    image: string;
    image_digest: string;
    devices?: DeviceView[];
    zones?: string[];
    interfaces?: InterfaceView[];
    restarts: number;
    application?: ApplicationView;
    lock?: LockView;
    agent?: AgentView;
    volumes?: VolumeView[];
    cpus: number;
    memory: string;
    conditions?: string[];
    attestation: Attestation | '';
    trust_anchor: string;
    attested_at: string;
    attestation_age_seconds: number;
    attestation_reason: string;
}

export interface ZoneView {
    gateway: string;
    name: string;
    tenant: string;
    subnet: string;
    members?: string[];
}

export interface ConduitView {
    gateway: string;
    name: string;
    from: string;
    to: string;
    allow?: string[];
    because: string;
    open: boolean;
    packets: number;
    bytes: number;
    connections: number;
    dropped: number;
    guard?: GuardView;
}

export interface DenialView {
    gateway: string;
    from: string; // empty: another tenant's
    to: string; // empty: nobody of the switch, or another tenant's
    address: string;
    service: string;
    reason: string;
    count: number;
    last: string;
    last_seconds: number;
}

export interface UplinkView {
    name: string;
    interface: string;
    priority: number;
    address: string;
    address6: string;
    healthy: boolean;
    used: boolean;
}

export interface RouterView {
    gateway: string;
    tenant: string;
    zones?: string[];
    state: string;
    problem: string;
    uplinks?: UplinkView[];
    leases: number;
    names?: string[];
    forwards?: string[];
}

export interface Event {
    id: number;
    time: string;
    code: string;
    tenant: string;
    actor: string;
    operation: string;
    partition: string;
    text: string;
    gateway: string;
}

export interface HistoryPoint {
    time: string;
    kind: 'health' | 'attestation';
    value: string;
    reason: string;
}

export interface AuditRow {
    id: number;
    time: string;
    actor: string;
    tenant: string;
    action: string;
    subject: string;
    detail: string;
}

export interface User {
    name: string;
    role: Role;
    tenant: string;
    created: string;
    last_sign_in: string;
}

export interface LogLine {
    time: string;
    text: string;
}
