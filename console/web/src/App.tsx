import { lazy, Suspense } from 'react';
import { Link, Route, Switch } from 'wouter';
import { ApiError } from './api/client';
import { LineProvider } from './api/line';
import { useSession } from './api/queries';
import type { Right } from './api/types';
import { decoded } from './model/names';
import { AccountPage } from './pages/AccountPage';
import { AddPage } from './pages/AddPage';
import { AuditPage } from './pages/AuditPage';
import { EventsPage } from './pages/EventsPage';
import { FleetPage } from './pages/FleetPage';
import { GatewayPage } from './pages/GatewayPage';
import { Shell } from './pages/Shell';
import { SignInPage } from './pages/SignInPage';
import { UsersPage } from './pages/UsersPage';
import { texts } from './texts/en';
import { Empty, Failure, Loading } from './ui/controls';
import { SessionContext } from './ui/session';

const PartitionPage = lazy(() => import('./pages/PartitionPage'));

function NotFound() {
    return (
        <Empty icon="question" title={texts.errors.not_found}>
            <p>{texts.errors.not_found_text}</p>
            <Link href="/">{texts.errors.to_fleet}</Link>
        </Empty>
    );
}

export function App() {
    const session = useSession();
    const signed_out = session.error instanceof ApiError && session.error.status === 401;
    if (signed_out) return <SignInPage />;
    if (!session.data) return session.error ? <Failure error={session.error} on_retry={() => void session.refetch()} /> : <Loading />;
    const may = (right: Right) => session.data.rights.includes(right);
    return (
        <SessionContext value={session.data}>
            <LineProvider>
                <Shell>
                    <Suspense fallback={<Loading />}>
                        <Switch>
                            <Route path="/" component={FleetPage} />
                            <Route path="/gateways/:gateway">{({ gateway }) => <GatewayPage key={gateway} name={decoded(gateway)} />}</Route>
                            <Route path="/gateways/:gateway/partitions/:partition">
                                {({ gateway, partition }) => (
                                    <PartitionPage key={`${gateway}/${partition}`} gateway={decoded(gateway)} name={decoded(partition)} />
                                )}
                            </Route>
                            <Route path="/events" component={EventsPage} />
                            {may('see-audit') && <Route path="/audit" component={AuditPage} />}
                            {may('manage-users') && <Route path="/users" component={UsersPage} />}
                            {may('manage-gateways') && <Route path="/add" component={AddPage} />}
                            <Route path="/account" component={AccountPage} />
                            <Route component={NotFound} />
                        </Switch>
                    </Suspense>
                </Shell>
            </LineProvider>
        </SessionContext>
    );
}
