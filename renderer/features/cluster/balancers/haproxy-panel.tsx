import type {
  HaproxySection,
  HaproxyServer,
  HaproxyStatus,
  HaproxyView,
  HealthAnswer,
} from '../../../../shared/model/balancers/balancers';
import type { Member } from '../../../../shared/model/cluster/member';
import { leadsToMembers, memberBehind } from '../../../../shared/rules/balancers/find-disagreements';
import { plural } from '../../../ui/wording/format';
import { Chip, Mark } from '../../../ui/mark';
import { Notice } from '../../../ui/notice';
import { Copyable } from '../../../ui/copyable';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { spanInWords } from '../../../../shared/rules/words/wording';
import type { Tone } from '../../../ui/wording/words';

const marks: Readonly<Record<HaproxyStatus, { readonly word: string; readonly tone: Tone }>> = {
  up: { word: 'Up', tone: 'good' },
  going_down: { word: 'Up, checks fail', tone: 'warn' },
  down: { word: 'Down', tone: 'idle' },
  coming_up: { word: 'Down, checks succeed', tone: 'busy' },
  maintenance: { word: 'Maintenance', tone: 'info' },
  draining: { word: 'Draining', tone: 'info' },
  not_checked: { word: 'Not checked', tone: 'warn' },
  unknown: { word: 'Not known', tone: 'unknown' },
};

interface Props {
  readonly server: string;
  readonly view: HaproxyView;
  readonly answers: readonly HealthAnswer[];
  readonly members: readonly Member[];
}

/** HAProxy on one server: each section with its servers, and what Patroni answers the same question now. */
export function HaproxyPanel(props: Props) {
  const { server, view, members } = props;
  const own = view.sections.filter((section) => leadsToMembers(section, members));
  const others = view.sections.length - own.length;
  const state = view.running ? <Chip tone="good" word="Running" /> : <Chip tone="warn" word="Not running" />;
  return (
    <Panel title={`HAProxy on ${printable(server)}`} note={printable(view.file)} tools={state} flush>
      {view.problem === null ? null : (
        <div className="m-panel-body">
          <Notice tone="unknown">
            <div className="m-strong">What it sees is not known</div>
            {printable(view.problem)}
          </Notice>
        </div>
      )}
      {own.map((section) => (
        <SectionTable key={section.name} {...props} section={section} />
      ))}
      {others === 0 ? null : (
        <p className="m-panel-body m-small m-muted">
          {plural(others, 'section')} more there {others === 1 ? 'leads' : 'lead'} to no member of this cluster.
        </p>
      )}
    </Panel>
  );
}

function SectionTable({ section, answers, members, server }: Props & { readonly section: HaproxySection }) {
  const ports = section.ports.length === 0 ? '' : `, port ${section.ports.join(', ')}`;
  const title = `${section.name}${ports}`;
  return (
    <table className="m-table m-table-dense m-table-fixed" aria-label={`${title} of HAProxy on ${server}`}>
      <colgroup>
        <col style={{ width: '30%' }} />
        <col style={{ width: '25%' }} />
        <col style={{ width: '15%' }} />
        <col style={{ width: '18%' }} />
        <col />
      </colgroup>
      <thead>
        <tr>
          <th>{printable(title)}</th>
          <th>HAProxy says</th>
          <th>Last check</th>
          <th>{section.check === null ? 'Patroni' : `Patroni on ${section.check}`}</th>
          <th className="m-num">Connections</th>
        </tr>
      </thead>
      <tbody>
        {section.servers.map((one) => (
          <ServerRow key={one.name} server={one} status={answerOf(section, one, answers, members)} />
        ))}
      </tbody>
    </table>
  );
}

/** What the member behind a server answers on the section's path: its status, null for no answer, undefined where that does not apply. */
function answerOf(
  section: HaproxySection,
  server: HaproxyServer,
  answers: readonly HealthAnswer[],
  members: readonly Member[],
): number | null | undefined {
  const member = memberBehind(server, members);
  return answers.find((answer) => answer.member === member && answer.path === section.check)?.status;
}

function ServerRow({ server, status }: { readonly server: HaproxyServer; readonly status: number | null | undefined }) {
  const { word, tone } = marks[server.status];
  const since = server.sinceSeconds === null ? '' : ` for ${spanInWords(server.sinceSeconds * 1000)}`;
  return (
    <tr>
      <td>
        <div className="m-strong">{printable(server.name)}</div>
        {server.address === null ? null : (
          <div className="m-small m-muted m-mono">
            <Copyable text={server.address} what={`the address of ${printable(server.name)}`} />
          </div>
        )}
      </td>
      <td>
        <Mark tone={tone} word={`${word}${since}`} />
      </td>
      <td className="m-mono m-small">{printable(server.check ?? 'none')}</td>
      <td>{status === undefined ? <span className="m-muted">–</span> : <StatusMark status={status} />}</td>
      <td className="m-num">
        {server.sessions}
        {server.queued > 0 ? <span className="m-muted"> + {server.queued} waiting</span> : null}
      </td>
    </tr>
  );
}

/** A status of a health endpoint: 200 takes connections of this kind, anything else does not. */
export function StatusMark({ status }: { readonly status: number | null }) {
  if (status === null) return <Mark tone="unknown" word="No answer" />;
  return status === 200 ? <Mark tone="good" word="200" /> : <Mark tone="idle" word={String(status)} />;
}
