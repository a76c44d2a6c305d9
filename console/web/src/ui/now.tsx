// One clock for the page, so that all ages tick together.
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';

const NowContext = createContext(0);
export const useNow = () => useContext(NowContext);

export function NowProvider({ children }: { children: ReactNode }) {
    const [now, set_now] = useState(Date.now());
    useEffect(() => {
        const timer = setInterval(() => set_now(Date.now()), 1000);
        return () => clearInterval(timer);
    }, []);
    return <NowContext value={now}>{children}</NowContext>;
}
