import { createContext, useContext } from 'react';
import type { Right, Session } from '../api/types';

export const SessionContext = createContext<Session>({ user: '', role: 'auditor', tenant: '', rights: [] });
export const useViewer = () => useContext(SessionContext);
export const useMay = (right: Right) => useViewer().rights.includes(right);
