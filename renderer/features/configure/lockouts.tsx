import { useMemo } from 'react';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { ServerSettings } from '../../../shared/model/configure/server-settings';
import { stableText, valueAt } from '../../../shared/rules/configure/config-patch';
import { foretellLockouts, type ForetoldClient } from '../../../shared/rules/configure/hba/foretell-lockouts';
import { namesInWords } from '../../../shared/rules/words/wording';
import { Notice } from '../../ui/notice';
import { printable } from '../../ui/text';
import type { ConfigDraft } from './use-draft';

const HBA = ['postgresql', 'pg_hba'] as const;
const MOST = 20;

/** Who would not get in any more with the rules of the draft; nothing where the draft leaves the rules as they are. */
export function Lockouts(props: {
  readonly state: ClusterState;
  readonly draft: ConfigDraft;
  readonly settings: ServerSettings | null;
}) {
  const { state, draft, settings } = props;
  const rules = valueAt(draft.config, HBA);
  const isChanged = stableText(rules) !== stableText(valueAt(draft.base, HBA));
  const usesRewind = valueAt(draft.config, ['postgresql', 'use_pg_rewind']) === true;
  const lines = useMemo(() => (Array.isArray(rules) && isChanged ? rules.map(String) : null), [rules, isChanged]);
  const foretold = useMemo(() => {
    if (lines === null) return null;
    const members = state.members.map(({ name, host }) => {
      const said = settings?.members[name];
      return { name, address: host, said: said?.kind === 'known' ? said : null };
    });
    return foretellLockouts(lines, members, usesRewind);
  }, [lines, state.members, settings, usesRewind]);
  if (lines === null || foretold === null) return null;
  const { refused, notKnown, sessions } = foretold;
  const asked = state.members.filter(({ name }) => settings?.members[name]?.kind === 'known').length;
  const isComplete = asked === state.members.length;
  return (
    <div data-testid="lockouts">
      {refused.length === 0 ? null : (
        <Notice tone="crit">
          <div className="m-strong">
            With these rules, these would not get in any more. Open sessions stay until they end.
          </div>
          <ClientList clients={refused} lines={lines} />
        </Notice>
      )}
      {notKnown.length === 0 ? null : (
        <Notice tone="unknown">
          <div>Whether these get in cannot be said from here:</div>
          <ClientList clients={notKnown} lines={lines} />
        </Notice>
      )}
      {refused.length > 0 ? null : (
        <Notice tone={isComplete ? 'good' : 'unknown'}>
          {isComplete
            ? `Everybody who is connected now would get in again (${sessions} sessions), and the members reach each other.`
            : `Only ${asked} of ${state.members.length} members could be asked who is connected: nobody of those is locked out.`}
        </Notice>
      )}
    </div>
  );
}

function ClientList({
  clients,
  lines,
}: {
  readonly clients: readonly ForetoldClient[];
  readonly lines: readonly string[];
}) {
  return (
    <ul className="m-consequences">
      {clients.slice(0, MOST).map((client) => (
        <li key={JSON.stringify(client)}>
          {printable(clientInWords(client))}{' '}
          <span className="m-mono m-small">{printable(ruleInWords(client, lines))}</span>
        </li>
      ))}
      {clients.length > MOST ? <li>And {clients.length - MOST} more.</li> : null}
    </ul>
  );
}

function clientInWords(client: ForetoldClient): string {
  const from = client.address === null ? 'over the socket' : `from ${client.address}`;
  const what = client.replication ? 'replication' : `database ${client.database ?? 'unknown'}`;
  const to = namesInWords(client.members);
  if (client.expected) return `${client.application} as ${client.user} (${what}), ${from}, when it has to reach ${to}.`;
  const name = client.application === '' ? '' : `, ${client.application}`;
  const tls = client.address === null || client.tls ? '' : ', without TLS';
  const count = `${client.sessions} ${client.sessions === 1 ? 'session' : 'sessions'} on ${to}`;
  return `${client.user} ${from} (${what}${tls}${name}): ${count}.`;
}

function ruleInWords({ verdict }: ForetoldClient, lines: readonly string[]): string {
  const rule = verdict.line === null ? '' : `Rule ${verdict.line + 1}: ${lines[verdict.line] ?? ''}`;
  if (verdict.kind === 'not_known') return `${rule} (${verdict.why})`;
  return verdict.line === null ? 'No rule matches.' : rule;
}
