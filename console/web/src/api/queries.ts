// What the pages read. Push makes it new; the slow interval is for ages and counters, which are not pushed.
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, path } from './client';
import { keys } from './keys';
import type * as T from './types';

const refetchInterval = 20_000;

export const useSession = () =>
    useQuery({ queryKey: keys.session, queryFn: () => api.read<T.Session>(path('session')), retry: false });

export const useGateways = (query: string) =>
    useQuery({
        queryKey: keys.gateways(query),
        queryFn: () => api.read<T.Page<T.GatewayView>>(`${path('gateways')}?${query}`),
        placeholderData: (previous) => previous,
        refetchInterval,
    });

export const useGateway = (name: string) =>
    useQuery({
        queryKey: keys.part(name, 'view'),
        queryFn: () => api.read<T.GatewayPage>(path('gateways', name)),
        refetchInterval,
    });

function usePart<Item>(gateway: string, part: string): UseQueryResult<T.Page<Item>> {
    return useQuery({
        queryKey: keys.part(gateway, part),
        queryFn: () => api.read<T.Page<Item>>(path('gateways', gateway, part)),
        refetchInterval,
    });
}
export const usePartitions = (gateway: string) => usePart<T.PartitionView>(gateway, 'partitions');
export const useDevices = (gateway: string) => usePart<T.DeviceView>(gateway, 'devices');
export const useZones = (gateway: string) => usePart<T.ZoneView>(gateway, 'zones');
export const useConduits = (gateway: string) => usePart<T.ConduitView>(gateway, 'conduits');
export const useRouters = (gateway: string) => usePart<T.RouterView>(gateway, 'routers');
export const useDenials = (gateway: string) => usePart<T.DenialView>(gateway, 'denials');

export const usePartition = (gateway: string, name: string) =>
    useQuery({
        queryKey: keys.partition(gateway, name),
        queryFn: () => api.read<T.PartitionView>(path('gateways', gateway, 'partitions', name)),
        refetchInterval,
    });

export const useAttestation = (gateway: string, partition: string) =>
    useQuery({
        queryKey: keys.partition(gateway, partition, 'attestation'),
        queryFn: () => api.read<T.AttestationView>(path('gateways', gateway, 'partitions', partition, 'attestation')),
        refetchInterval,
    });

export const useHistory = (gateway: string, partition: string) =>
    useQuery({
        queryKey: keys.partition(gateway, partition, 'history'),
        queryFn: () =>
            api.read<T.Page<T.HistoryPoint>>(
                `${path('gateways', gateway, 'partitions', partition, 'history')}?page_size=200`,
            ),
    });

export const useEvents = (query: string) =>
    useQuery({
        queryKey: keys.events(query),
        queryFn: () => api.read<T.Page<T.Event>>(`${path('events')}?${query}`),
        placeholderData: (previous) => previous,
    });

export const useAudit = (query: string) =>
    useQuery({
        queryKey: keys.audit(query),
        queryFn: () => api.read<T.Page<T.AuditRow>>(`${path('audit')}?${query}`),
        placeholderData: (previous) => previous,
    });

export const useUsers = () =>
    useQuery({ queryKey: keys.users, queryFn: () => api.read<T.Page<T.User>>(path('users')) });
