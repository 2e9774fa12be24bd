import type {
  ArchiverReading,
  MemberReplication,
  ReplicationView,
} from '../../../../shared/model/postgres/replication';
import { Mark } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { Name, printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';
import { formatBytes, formatLsn, formatPostgresVersion } from '../../../ui/wording/format';
import { SourceNote } from './source-note';

type Known = Extract<MemberReplication, { kind: 'known' }>;

/** WAL of each server: position, rate, disk and archiver, with the way by which it was asked. */
export function ServerPanel({ view }: { readonly view: ReplicationView }) {
  const known = view.members.filter((member): member is Known => member.kind === 'known');
  if (known.length === 0) return null;
  return (
    <Panel title="WAL and archiver" flush>
      <div className="m-sql-scroll" tabIndex={0} role="region" aria-label="Table of the servers">
        <table className="m-table m-table-dense" aria-label="WAL and archiver">
          <thead>
            <tr>
              <th>Member</th>
              <th>Position</th>
              <th className="m-num">WAL rate</th>
              <th className="m-num">Disk of the WAL</th>
              <th>Archiver</th>
              <th>Asked</th>
            </tr>
          </thead>
          <tbody>
            {known.map((member) => (
              <ServerRow key={member.member} member={member} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function ServerRow({ member }: { readonly member: Known }) {
  const { disk, walRate, replayPaused } = member;
  return (
    <tr>
      <td>
        <Name text={member.member} strong />
        <div className="m-small m-muted">PostgreSQL {formatPostgresVersion(member.version)}</div>
      </td>
      <td>
        <span className="m-mono">{formatLsn(member.position)}</span>
        <div className="m-small m-muted">{member.recovery ? 'received' : 'written'}</div>
        {replayPaused === true ? <Mark tone="warn" word="Replay is paused" /> : null}
      </td>
      <td className="m-num">{walRate === null ? 'after the next reading' : `${formatBytes(walRate)}/s`}</td>
      <td className="m-num">
        {disk === null ? 'not seen' : `${formatBytes(disk.free)} free`}
        {disk === null ? null : <div className="m-small m-muted">of {formatBytes(disk.size)}</div>}
      </td>
      <td>{member.archiver === null ? '–' : <Archiver archiver={member.archiver} recovery={member.recovery} />}</td>
      <td className="m-small m-muted">
        <SourceNote source={member.source} />
      </td>
    </tr>
  );
}

function Archiver({ archiver, recovery }: { readonly archiver: ArchiverReading; readonly recovery: boolean }) {
  if (archiver.mode === 'off') return <span className="m-muted">off</span>;
  if (recovery && archiver.mode !== 'always') return <span className="m-muted">on the primary only</span>;
  const fails = (archiver.lastFailedAt ?? 0) > (archiver.lastArchivedAt ?? 0);
  return (
    <>
      <Mark tone={fails ? 'crit' : 'good'} word={fails ? 'Fails' : 'Archives'} />
      <div className="m-small m-muted">
        {printable((fails ? archiver.lastFailed : archiver.lastArchived) ?? 'nothing yet')}{' '}
        {fails || archiver.lastArchivedAt === null ? null : <Ago at={archiver.lastArchivedAt} />}
      </div>
    </>
  );
}
