import type { CertificateEnd } from '../../../shared/model/deploy/deploy-views';
import { renewBeforeMs } from '../../../shared/rules/deploy/check/check-certificate';
import { plural } from '../../ui/wording/format';
import { Mark } from '../../ui/mark';
import { Panel } from '../../ui/panel';
import { TableHead } from '../../ui/table-head';
import { printable } from '../../ui/text';

/** When certificates end: the authority, and the first key of each server to end. */
export function CertificateTable({ ends, at }: { readonly ends: readonly CertificateEnd[]; readonly at: number }) {
  const first = ends.filter((end, index) => ends.findIndex((other) => other.server === end.server) === index);
  if (first.length === 0) return null;
  return (
    <Panel title="Certificates" note="the first to expire on each server" flush>
      <table className="m-table">
        <TableHead columns={['Server', 'Certificate', 'Expires', 'Left']} />
        <tbody>
          {first.map((end) => (
            <CertificateRow key={end.server ?? ''} end={end} leftMs={end.endsAt - at} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function CertificateRow({ end, leftMs }: { readonly end: CertificateEnd; readonly leftMs: number }) {
  return (
    <tr>
      <td>{end.server === null ? 'Certificate authority' : printable(end.server)}</td>
      <td className="m-mono m-wrap">{end.server === null ? 'kept in the vault' : printable(end.path)}</td>
      <td>{new Date(end.endsAt).toISOString().slice(0, 10)}</td>
      <td>
        <TimeLeft ms={leftMs} />
      </td>
    </tr>
  );
}

function TimeLeft({ ms }: { readonly ms: number }) {
  if (ms < 0) return <Mark tone="crit" word="expired" />;
  const days = plural(Math.floor(ms / (24 * 3_600_000)), 'day');
  return ms < renewBeforeMs ? <Mark tone="warn" word={days} /> : days;
}
