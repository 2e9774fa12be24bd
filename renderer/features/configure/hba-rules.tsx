import { Button, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import type { MemberSettings } from '../../../shared/model/configure/server-settings';
import { matchHba, type HbaVerdict } from '../../../shared/rules/configure/hba/match-hba';
import { Switch } from '../../ui/choices';
import { Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { printable } from '../../ui/text';
import { HbaTable } from './hba-table';

/** The rules of pg_hba. `rules` are those of the dynamic configuration; null where the DCS does not hold them. */
export function HbaRules(props: {
  readonly rules: readonly string[] | null;
  /** A member that was asked, for the rules it runs with and the roles it has; null where none was. */
  readonly said: Extract<MemberSettings, { kind: 'known' }> | null;
  /** The address of that member; null where it is not known. */
  readonly host: string | null;
  readonly why: string | null;
  readonly onRules: (rules: readonly string[]) => void;
}) {
  const running = props.said?.hba ?? null;
  const lines = props.rules ?? running?.map(runningLine) ?? [];
  const why = props.rules === null ? "The rules stand in each member's own file, not in the DCS." : props.why;
  return (
    <div className="m-stack">
      <ClientCheck lines={lines} said={props.said} host={props.host} />
      <Panel
        title="Rules of pg_hba"
        note={
          props.rules === null
            ? 'as the leader runs with, from its own file'
            : 'in the DCS; the first that matches decides'
        }
        flush
      >
        <HbaTable lines={lines} why={why} onRules={props.onRules} />
      </Panel>
      {why === null ? (
        <div className="m-row">
          <Button
            size="small"
            text="Add a rule"
            onClick={() => props.onRules([...lines, 'hostssl all all 10.0.0.0/8 scram-sha-256'])}
          />
          <Button
            size="small"
            text="Add a comment"
            onClick={() => props.onRules([...lines, '# What follows is for'])}
          />
        </div>
      ) : (
        <p className="m-muted">{why}</p>
      )}
    </div>
  );
}

type RunningRule = NonNullable<Extract<MemberSettings, { kind: 'known' }>['hba']>[number];

/** A rule of the running server as a line; names that mean something only unquoted are left as the server shows them. */
function runningLine(rule: RunningRule): string {
  const place = rule.type === 'local' ? [] : [rule.address ?? 'all', ...(rule.netmask === null ? [] : [rule.netmask])];
  const words = [rule.type ?? '', rule.databases.join(','), rule.users.join(','), ...place, rule.method ?? ''];
  return [...words, ...rule.options].join(' ');
}

function ClientCheck(props: {
  readonly lines: readonly string[];
  readonly said: Extract<MemberSettings, { kind: 'known' }> | null;
  readonly host: string | null;
}) {
  const [client, setClient] = useState({ user: '', database: '', address: '', tls: true, replication: false });
  const field = (name: 'user' | 'database' | 'address', label: string, placeholder: string) => (
    <label className="m-config-client">
      <span className="m-small">{label}</span>
      <InputGroup
        size="small"
        value={client[name]}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        onValueChange={(text) => setClient({ ...client, [name]: text.trim() })}
      />
    </label>
  );
  const roles = props.said === null ? null : (props.said.memberships[client.user] ?? null);
  const isAsked = client.user !== '' && (client.database !== '' || client.replication);
  const verdict = isAsked
    ? matchHba(
        props.lines,
        { ...client, roles, address: client.address === '' ? null : client.address },
        { addresses: props.host === null ? null : [props.host], version: props.said?.version ?? null },
      )
    : null;
  return (
    <Panel title="Would this client get in?">
      <div className="m-stack">
        <div className="m-row m-row-wrap">
          {field('user', 'User', 'app')}
          {field('database', 'Database', 'shop')}
          {field('address', 'Address', 'empty: local socket')}
        </div>
        <div className="m-row m-row-wrap">
          <Switch
            label="TLS"
            explain="The connection is encrypted."
            checked={client.tls}
            onValue={(tls) => setClient({ ...client, tls })}
          />
          <Switch
            label="Replication"
            explain="A standby or pg_basebackup."
            checked={client.replication}
            onValue={(replication) => setClient({ ...client, replication })}
          />
        </div>
        {verdict === null ? null : <Verdict verdict={verdict} lines={props.lines} />}
      </div>
    </Panel>
  );
}

function Verdict({ verdict, lines }: { readonly verdict: HbaVerdict; readonly lines: readonly string[] }) {
  const rule = verdict.line === null ? '' : `Rule ${verdict.line + 1}: ${lines[verdict.line] ?? ''}`;
  switch (verdict.kind) {
    case 'asked':
      return (
        <Notice tone="good">
          <div>
            {verdict.method === 'trust' ? 'Gets in without being asked.' : `Gets in if ${verdict.method} agrees.`}
          </div>
          <div className="m-mono">{printable(rule)}</div>
        </Notice>
      );
    case 'refused':
      return (
        <Notice tone="crit">
          <div>Is refused.</div>
          <div className="m-mono">{verdict.line === null ? 'No rule matches.' : printable(rule)}</div>
        </Notice>
      );
    case 'not_known':
      return (
        <Notice tone="unknown">
          <div>Cannot be said from here: {printable(verdict.why)}</div>
          <div className="m-mono">{printable(rule)}</div>
        </Notice>
      );
  }
}
