import { useLocation, useSearch } from 'wouter';
import { useAudit } from '../api/queries';
import { texts } from '../texts/en';
import { Button, Empty, Failure, Loading } from '../ui/controls';
import { Time } from '../ui/signs';
import { useTitle } from '../ui/title';

const words = texts.audit;
// The audit is the console's, not a site's: the reader's own zone.
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function AuditPage() {
    useTitle(words.title);
    const [, navigate] = useLocation();
    const token = new URLSearchParams(useSearch()).get('page_token') ?? '';
    const audit = useAudit(`page_size=100${token ? `&page_token=${encodeURIComponent(token)}` : ''}`);
    const items = audit.data?.items ?? [];
    return (
        <>
            <div className="page-head">
                <div>
                    <h1>{words.title}</h1>
                    <p className="lead">{words.lead}</p>
                </div>
            </div>
            <Failure error={audit.error} on_retry={() => void audit.refetch()} />
            {audit.isPending && !audit.error && <Loading />}
            {audit.data && items.length === 0 && <Empty icon="audit" title={words.empty} />}
            {items.length > 0 && (
                <div className="panel">
                    <table className="cards dense">
                        <thead>
                            <tr>
                                <th scope="col">{words.time}</th>
                                <th scope="col">{words.actor}</th>
                                <th scope="col">{words.action}</th>
                                <th scope="col">{words.subject}</th>
                                <th scope="col">{words.detail}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {items.map((row) => (
                                <tr key={row.id}>
                                    <td data-label={words.time} className="num nowrap">
                                        <Time at={row.time} zone={here} />
                                    </td>
                                    <td data-label={words.actor} className="mono">{row.actor}</td>
                                    <td data-label={words.action} className="mono">{row.action}</td>
                                    <td data-label={words.subject}>{row.subject || texts.none}</td>
                                    <td data-label={words.detail}>{row.detail || texts.none}</td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
            {(token || audit.data?.next) && (
                <div className="pager">
                    {token && <Button onClick={() => navigate('/audit')}>{words.newest}</Button>}
                    {audit.data?.next && (
                        <Button icon="chevron" onClick={() => navigate(`/audit?page_token=${encodeURIComponent(audit.data.next ?? '')}`)}>
                            {words.older}
                        </Button>
                    )}
                </div>
            )}
        </>
    );
}
