import type { BalancerHost } from '../../../../shared/model/balancers/balancers';
import type { VrrpState } from '../../../../shared/model/balancers/vip';
import {
  managerOf,
  virtualAddresses,
  type VipCarrier,
  type SeenAddress,
} from '../../../../shared/rules/balancers/find-vip-trouble';
import { namesInWords, spanInWords } from '../../../../shared/rules/words/wording';
import { Copyable } from '../../../ui/copyable';
import { Mark } from '../../../ui/mark';
import { Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import type { Tone } from '../../../ui/wording/words';

const STATES: Readonly<Record<VrrpState, { readonly word: string; readonly tone: Tone }>> = {
  master: { word: 'Master', tone: 'good' },
  backup: { word: 'Backup', tone: 'idle' },
  fault: { word: 'Fault', tone: 'crit' },
  unknown: { word: 'Not known', tone: 'unknown' },
};

interface Props {
  readonly hosts: readonly BalancerHost[];
  /** When they were read, ms since the epoch. */
  readonly asOf: number;
}

/** Which server has each virtual address now, and what keepalived on each of them says of itself. */
export function VipPanel({ hosts, asOf }: Props) {
  const addresses = virtualAddresses(hosts);
  const problems = hosts.flatMap(({ server, vip, vipManager }) => [
    ...(vip?.problem == null ? [] : [{ server, program: 'keepalived', problem: vip.problem }]),
    ...(vipManager?.problem == null ? [] : [{ server, program: 'vip-manager', problem: vipManager.problem }]),
  ]);
  if (addresses.length === 0 && problems.length === 0) return null;
  return (
    <Panel title="Virtual addresses" note="who moves them, and the addresses that each server has now" flush>
      {problems.map(({ server, program, problem }) => (
        <div key={`${server} ${program}`} className="m-panel-body">
          <Notice tone="unknown">
            <div className="m-strong">
              {program} on {printable(server)} is not known completely
            </div>
            {printable(problem)}
          </Notice>
        </div>
      ))}
      {addresses.map((one) => (
        <AddressTable key={one.address} one={one} asOf={asOf} />
      ))}
    </Panel>
  );
}

/** Who has the address, in words; that none of those read has it is not told as "nobody" while another one may. */
function holderInWords({ carriers, isWhole }: SeenAddress): string {
  const holders = carriers.filter(({ holds }) => holds === true).map(({ server }) => server);
  if (holders.length > 0) return `on ${namesInWords(holders)} now`;
  return isWhole ? 'on no server now' : 'on none of the servers that could be read; another may have it';
}

function AddressTable({ one, asOf }: { readonly one: SeenAddress; readonly asOf: number }) {
  return (
    <table className="m-table m-table-dense m-table-fixed" aria-label={`Virtual address ${one.address}`}>
      <colgroup>
        <col style={{ width: '40%' }} />
        <col style={{ width: '20%' }} />
        <col style={{ width: '25%' }} />
        <col />
      </colgroup>
      <thead>
        <tr>
          <th>
            <span className="m-mono">
              <Copyable text={one.address} what={`the virtual address ${one.address}`} />
            </span>{' '}
            {printable(holderInWords(one))}
          </th>
          <th>Has it</th>
          <th>What moves it</th>
          <th className="m-num">Priority</th>
        </tr>
      </thead>
      <tbody>
        {one.carriers.map((carrier) => (
          <tr key={`${carrier.server} ${carrier.instance.name}`}>
            <td>
              <div className="m-strong">{printable(carrier.server)}</div>
              <div className="m-small m-muted">
                {managerOf(carrier.instance) === 'keepalived' ? 'instance' : 'vip-manager'}{' '}
                {printable(carrier.instance.name)}
              </div>
            </td>
            <td>
              <HoldsMark holds={carrier.holds} />
            </td>
            <td>
              <StateMark carrier={carrier} asOf={asOf} />
            </td>
            <td className="m-num">{priorityInWords(carrier)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function HoldsMark({ holds }: { readonly holds: boolean | null }) {
  if (holds === null) return <Mark tone="unknown" word="Not known" />;
  return holds ? <Mark tone="good" word="Yes" /> : <Mark tone="idle" word="No" />;
}

function StateMark({ carrier, asOf }: { readonly carrier: VipCarrier; readonly asOf: number }) {
  const { running, instance } = carrier;
  if (!running) return <Mark tone="warn" word="Does not run" />;
  if (instance.follows !== undefined) return <Mark tone="idle" word={followsInWords(instance.follows.member)} />;
  const { word, tone } = STATES[instance.state];
  const since = instance.since === null || instance.since > asOf ? '' : ` for ${spanInWords(asOf - instance.since)}`;
  return <Mark tone={tone} word={`${word}${since}`} />;
}

function followsInWords(member: string | null): string {
  return member === null ? "Follows the server's own Patroni" : `Follows ${member} as leader`;
}

/** The priority of its configuration, and what checks made of it where the log says so. */
function priorityInWords({ instance: { priority, effectivePriority, follows } }: VipCarrier): string {
  if (follows !== undefined) return '';
  if (priority === null && effectivePriority === null) return 'not known';
  if (priority === null || effectivePriority === null || effectivePriority === priority)
    return String(effectivePriority ?? priority);
  return `${effectivePriority} now (${priority} set)`;
}
