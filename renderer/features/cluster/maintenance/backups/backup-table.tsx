import type { Backup, BackupStanza } from '../../../../../shared/model/backups/backup';
import { spanInWords } from '../../../../../shared/rules/words/wording';
import { Mark } from '../../../../ui/mark';
import { Empty } from '../../../../ui/panel';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import { formatBytes } from '../../../../ui/wording/format';

const KINDS = { full: 'full', diff: 'differential', incr: 'incremental' } as const;
/** A stanza may hold hundreds; the newest are what matters. */
const MOST = 60;

/** The backups of a stanza, the newest first. */
export function BackupTable({ stanza }: { readonly stanza: BackupStanza }) {
  const newestFirst = stanza.backups.toReversed();
  if (newestFirst.length === 0)
    return (
      <Empty title="No backup yet">
        <p>The stanza is there, and holds no backup.</p>
      </Empty>
    );
  const left = newestFirst.length - MOST;
  return (
    <div className="m-backup-scroll" tabIndex={0} role="region" aria-label={`Backups of ${printable(stanza.name)}`}>
      <table className="m-table m-table-dense">
        <TableHead
          columns={['Backup', 'Kind', 'Ended', 'Took', 'Data', 'Stored', 'Needs WAL']}
          numeric={['Took', 'Data', 'Stored']}
        />
        <tbody>
          {newestFirst.slice(0, MOST).map((backup) => (
            <BackupRow key={`${backup.repository} ${backup.label}`} backup={backup} />
          ))}
        </tbody>
      </table>
      {left > 0 ? <p className="m-panel-body m-small m-muted">And {left} older ones.</p> : null}
    </div>
  );
}

function BackupRow({ backup }: { readonly backup: Backup }) {
  return (
    <tr data-testid="backup-row">
      <td>
        <span className="m-mono">{printable(backup.label)}</span>
        {backup.damaged === true ? (
          <div>
            <Mark tone="crit" word="pages with wrong checksums" />
          </div>
        ) : null}
      </td>
      <td>{KINDS[backup.kind]}</td>
      <td>
        <Ago at={backup.endedAt} />
      </td>
      <td className="m-num">{spanInWords(backup.endedAt - backup.startedAt)}</td>
      <td className="m-num">{formatBytes(backup.size)}</td>
      <td className="m-num">{formatBytes(backup.stored)}</td>
      <td className="m-small m-mono">{printable(backup.firstWal ?? 'none')}</td>
    </tr>
  );
}
