import type { MemberReplication, ReplicationView, SlotReading } from '../../../../shared/model/postgres/replication';
import { forecastInWords } from '../../../../shared/rules/postgres/find-postgres-trouble';
import { forecastSlot, type SlotForecast } from '../../../../shared/rules/postgres/slot-forecast';
import { Mark } from '../../../ui/mark';
import { Panel } from '../../../ui/panel';
import { Name, printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';
import { formatBytes } from '../../../ui/wording/format';

type Known = Extract<MemberReplication, { kind: 'known' }>;

/** The replication slots of all members with what they retain, and how long the disk holds. */
export function SlotPanel({ view }: { readonly view: ReplicationView }) {
  const rows = view.members.flatMap((member) =>
    member.kind === 'known' ? member.slots.map((slot) => ({ member, slot })) : [],
  );
  return (
    <Panel title="Replication slots" note="what they retain, and for how long the disk holds" flush>
      {rows.length === 0 ? (
        <p className="m-panel-body m-muted">No member that answers has a slot.</p>
      ) : (
        <div className="m-sql-scroll" tabIndex={0} role="region" aria-label="Table of the slots">
          <table className="m-table m-table-dense" aria-label="Replication slots">
            <thead>
              <tr>
                <th>Slot</th>
                <th>On</th>
                <th>Use</th>
                <th className="m-num">Retains</th>
                <th>WAL status</th>
                <th className="m-num">Safe to write</th>
                <th>At the present rate</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ member, slot }) => (
                <SlotRow key={JSON.stringify([member.member, slot.name])} member={member} slot={slot} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

const walTones = { reserved: 'good', extended: 'info', unreserved: 'warn', lost: 'crit' } as const;

function SlotRow({ member, slot }: { readonly member: Known; readonly slot: SlotReading }) {
  const forecast = forecastSlot(slot, member);
  return (
    <tr data-testid={`slot-${member.member}-${slot.name}`}>
      <td>
        <Name text={slot.name} strong />
        <div className="m-small m-muted">{kindInWords(slot)}</div>
      </td>
      <td>
        <Name text={member.member} />
      </td>
      <td>
        {slot.active ? <Mark tone="good" word="In use" /> : <Mark tone="idle" word="Not in use" />}
        {slot.inactiveSince === null ? null : (
          <div className="m-small m-muted">
            since <Ago at={slot.inactiveSince} />
          </div>
        )}
      </td>
      <td className="m-num">{slot.retained === null ? 'nothing' : formatBytes(slot.retained)}</td>
      <td>
        {slot.walStatus === null ? (
          <span className="m-muted">–</span>
        ) : (
          <Mark tone={walTones[slot.walStatus]} word={slot.walStatus} />
        )}
        {slot.invalidation === null ? null : <div className="m-small m-muted">{printable(slot.invalidation)}</div>}
      </td>
      <td className="m-num">{slot.safeWalSize === null ? 'no limit' : formatBytes(Math.max(0, slot.safeWalSize))}</td>
      <td data-testid="slot-forecast">
        <Forecast forecast={forecast} />
      </td>
    </tr>
  );
}

function kindInWords({ kind, plugin, database, temporary, synced }: SlotReading): string {
  const parts = [
    temporary ? `temporary ${kind}` : kind,
    plugin === null ? '' : `plugin ${printable(plugin)}`,
    database === null ? '' : `database ${printable(database)}`,
    synced === true ? 'copied from the primary' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function Forecast({ forecast }: { readonly forecast: SlotForecast }) {
  switch (forecast.kind) {
    case 'not_known':
      return (
        <span className="m-muted">
          {forecast.why === 'one_reading' ? 'Not known yet: it takes more readings' : 'Not known: the disk is not seen'}
        </span>
      );
    case 'steady':
      return <span>Retains no more than now</span>;
    case 'lost':
      return <Mark tone="crit" word="Its WAL is gone" />;
    case 'fills_disk':
      return (
        <>
          Disk full in {forecastInWords(forecast.inMs)}
          <div className="m-small m-muted">grows by {formatBytes(forecast.rate)}/s</div>
        </>
      );
    case 'loses_wal':
      return (
        <>
          Loses WAL in {forecastInWords(forecast.inMs)}
          <div className="m-small m-muted">grows by {formatBytes(forecast.rate)}/s</div>
        </>
      );
  }
}
