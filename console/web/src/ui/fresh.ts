import { useLine } from '../api/line';
import { is_fresh } from '../model/signal';
import { useNow } from './now';

// Whether what was read at `read_at` may look current.
export function useFresh(read_at: number): boolean {
    const line = useLine();
    const now = useNow();
    return is_fresh(line.state, read_at, now);
}
