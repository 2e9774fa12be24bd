import { Button } from '@blueprintjs/core';
import type { ReactNode } from 'react';
import type { AppErrorData } from '../../../../shared/model/app-error';
import { CertificateTable } from '../../../../renderer/deployment/plan/certificate-table';
import { DiffLines } from '../../../../renderer/deployment/plan/step-row';
import { TestSteps } from '../../../../renderer/server-editor/test-steps';
import { Answered } from '../../../../renderer/ui/answered';
import { Command, CopyButton } from '../../../../renderer/ui/command';
import { Copyable } from '../../../../renderer/ui/copyable';
import { Loading } from '../../../../renderer/ui/loading';
import { Logo } from '../../../../renderer/ui/logo';
import { Chip, ConditionMark, HealthMark, Mark, ToneIcon } from '../../../../renderer/ui/mark';
import { ErrorNotice, Notice } from '../../../../renderer/ui/notice';
import { Empty, Panel } from '../../../../renderer/ui/panel';
import { ReasonButton } from '../../../../renderer/ui/reason-button';
import { SortHeader, SortLabel, useSorted } from '../../../../renderer/ui/sort';
import { TableHead, UnseenHead } from '../../../../renderer/ui/table-head';
import { Term } from '../../../../renderer/ui/term';
import { Name } from '../../../../renderer/ui/text';
import { Ago, Countdown, Elapsed } from '../../../../renderer/ui/time';
import { conditionWords, healthWords, type Tone } from '../../../../renderer/ui/wording/words';
import { longName, refusedLogin, type Entry } from './entry';
import { inputEntries } from './input-entries';

const tones: readonly Tone[] = ['good', 'warn', 'crit', 'unknown', 'busy', 'info', 'idle', 'old'];
const hour = 3_600_000;

const caused: AppErrorData = {
  retryable: true,
  code: 'discover.unreachable',
  message: 'None of the 3 members of orders can be reached.',
  cause: {
    retryable: true,
    code: 'ssh.timeout',
    message: 'The server db2 (10.0.0.12) did not answer within 10 s.',
    cause: refusedLogin,
  },
};

/** All of them; `now` is the time of the page, ms since the epoch. */
export function entries(now: number): readonly Entry[] {
  return [...marks(), ...sentences(), ...surfaces(), ...texts(now), ...inputEntries(), ...lists(now)];
}

function perTone(show: (tone: Tone) => ReactNode): ReactNode {
  return (
    <div className="m-row m-row-wrap">
      {tones.map((tone) => (
        <span key={tone}>{show(tone)}</span>
      ))}
    </div>
  );
}

function marks(): readonly Entry[] {
  const conditions = Object.keys(conditionWords) as (keyof typeof conditionWords)[];
  const levels = Object.keys(healthWords) as (keyof typeof healthWords)[];
  return [
    { component: 'Logo', states: { 'in the frame': <Logo size={22} />, large: <Logo size={64} /> } },
    { component: 'ToneIcon', states: { 'each tone': perTone((tone) => <ToneIcon tone={tone} />) } },
    {
      component: 'Mark',
      states: {
        'each tone': perTone((tone) => <Mark tone={tone} word={tone} />),
        'a word that is too long': <Mark tone="warn" word={longName} />,
      },
    },
    {
      component: 'Chip',
      states: {
        plain: perTone((tone) => <Chip tone={tone} word={tone} />),
        'with its icon': perTone((tone) => <Chip tone={tone} word={tone} icon />),
        'a word that is too long': <Chip tone="info" word={longName} />,
      },
    },
    {
      component: 'HealthMark',
      states: {
        'each level': (
          <div className="m-row m-row-wrap">
            {levels.map((level) => (
              <HealthMark key={level} level={level} />
            ))}
          </div>
        ),
      },
    },
    {
      component: 'ConditionMark',
      states: {
        'each condition': (
          <div className="m-row m-row-wrap">
            {conditions.map((condition) => (
              <ConditionMark key={condition} condition={condition} />
            ))}
          </div>
        ),
        'healthy when last seen': <ConditionMark condition="healthy" stale />,
      },
    },
  ];
}

function sentences(): readonly Entry[] {
  const answer = { value: null, error: null };
  const show = (value: string): ReactNode => <p>{value}</p>;
  return [
    {
      component: 'Notice',
      states: Object.fromEntries([
        ...tones.map((tone) => [tone, <Notice tone={tone}>The cluster orders has lost a replica.</Notice>] as const),
        [
          'with a tool',
          <Notice tone="warn" tools={<Button size="small" text="Look again" />}>
            The servers have changed since the review.
          </Notice>,
        ],
      ]),
    },
    {
      component: 'ErrorNotice',
      states: {
        'with a hint': <ErrorNotice error={refusedLogin} />,
        'with its causes': <ErrorNotice error={caused} />,
        'with a tool': <ErrorNotice error={refusedLogin} tools={<Button size="small" text="Try again" />} />,
      },
    },
    { component: 'Loading', states: { usual: <Loading what="Looking at all servers of the cluster." /> } },
    {
      component: 'Answered',
      states: {
        'no answer yet': <Answered answer={answer} what="Reading your servers." show={show} />,
        'an answer': <Answered answer={{ value: '3 servers', error: null }} what="" show={show} />,
        'an error': <Answered answer={{ value: null, error: refusedLogin }} what="" show={show} />,
        'an error beside an older answer': (
          <Answered answer={{ value: '3 servers', error: refusedLogin }} what="" show={show} />
        ),
      },
    },
  ];
}

function surfaces(): readonly Entry[] {
  const tools = <Button size="small" text="Look again" />;
  return [
    {
      component: 'Panel',
      states: {
        'with a note and a tool': (
          <Panel title="Members" note="3 members, 1 leader" tools={tools}>
            <p>Its content.</p>
          </Panel>
        ),
        'with a note that is too long': (
          <Panel title="Replicas" note={longName} tools={tools}>
            <p>Its content.</p>
          </Panel>
        ),
        'without a margin, for a table': (
          <Panel title="Every member" flush>
            <table className="m-table">
              <thead>
                <tr>
                  <th>Member</th>
                  <th>State</th>
                  <th className="m-num">Lag</th>
                </tr>
              </thead>
              <tbody>
                <tr>
                  <td>db1</td>
                  <td>
                    <Mark tone="good" word="running" />
                  </td>
                  <td className="m-num">0 B</td>
                </tr>
                <tr>
                  <td>db2</td>
                  <td>
                    <Mark tone="busy" word="starting" />
                  </td>
                  <td className="m-num">1.2 MB</td>
                </tr>
              </tbody>
            </table>
          </Panel>
        ),
      },
    },
    {
      component: 'Empty',
      states: {
        'with what to do': (
          <Panel title="Clusters">
            <Empty title="No clusters yet">
              <p>Connect to one that runs, or set one up.</p>
              <Button intent="primary" text="Connect to a cluster" />
            </Empty>
          </Panel>
        ),
      },
    },
  ];
}

function texts(now: number): readonly Entry[] {
  return [
    {
      component: 'Term',
      states: {
        'in a line': <Term name="DCS">DCS</Term>,
        'under another word': <Term name="lease">Lease left</Term>,
      },
    },
    {
      component: 'Name',
      states: {
        plain: <Name text="db1" />,
        strong: <Name text="db1" strong />,
        'with characters that would disguise it': <Name text={'db\u202e1'} />,
        'too long': (
          <div className="m-row">
            <Name text={longName} />
          </div>
        ),
      },
    },
    {
      component: 'Ago',
      states: { 'a moment': <Ago at={now - 7_000} />, hours: <Ago at={now - 5 * hour} />, never: <Ago at={null} /> },
    },
    {
      component: 'Elapsed',
      states: { running: <Elapsed since={now - 42_000} />, ended: <Elapsed since={now - hour} until={now} /> },
    },
    {
      component: 'Countdown',
      states: { ahead: <Countdown to={now + 2 * hour} />, come: <Countdown to={now - 1_000} /> },
    },
    {
      component: 'CopyButton',
      states: { plain: <CopyButton text="SHA256:abc" label="Copy the fingerprint of db1" /> },
    },
    {
      component: 'Copyable',
      states: {
        short: <Copyable text="10.0.0.11" what="the address" />,
        'too long for a line': <Copyable text={longName} what="the name" />,
      },
    },
    {
      component: 'ReasonButton',
      states: {
        'can be pressed': <ReasonButton text="Switchover" intent="primary" why={null} />,
        'says why not': <ReasonButton text="Switchover" intent="primary" why="etcd has no quorum." />,
      },
    },
    {
      component: 'TableHead',
      states: {
        'with numbers, and a last column of buttons': (
          <table className="m-table">
            <TableHead columns={['Pool', 'Clients', 'Longest wait']} numeric={['Clients']} unseen="Actions" />
          </table>
        ),
      },
    },
    {
      component: 'UnseenHead',
      states: {
        'after another head': (
          <table className="m-table">
            <thead>
              <tr>
                <th>Pool</th>
                <UnseenHead name="Actions" />
              </tr>
            </thead>
          </table>
        ),
      },
    },
    { component: 'SortHeader', states: { 'by name, by lag': <SortedTable /> } },
    { component: 'SortLabel', states: { 'in the head of a list': <SortedHead /> } },
    {
      component: 'Command',
      states: {
        short: <Command text="patronictl -c /etc/patroni/config.yml list orders" />,
        'too long for a line': <Command text={`patronictl switchover orders --candidate ${longName} --force`} />,
      },
    },
  ];
}

function lists(now: number): readonly Entry[] {
  const day = 24 * hour;
  return [
    {
      component: 'TestSteps',
      wide: true,
      states: {
        'one step failed': (
          <TestSteps
            report={{
              steps: [
                { name: 'Name', verdict: 'ok', sentence: 'db1.example.org is 10.0.0.11.', durationMs: 12 },
                { name: 'Host key', verdict: 'warning', sentence: 'It is not in your known_hosts.', durationMs: 140 },
                { name: 'Log in', verdict: 'failed', sentence: refusedLogin.message, durationMs: 2_300 },
              ],
              error: refusedLogin,
            }}
          />
        ),
      },
    },
    {
      component: 'DiffLines',
      states: {
        'a file that changes': (
          <DiffLines
            label="Difference of config.yml"
            lines={[
              { kind: 'same', text: 'scope: orders' },
              { kind: 'removed', text: 'ttl: 30' },
              { kind: 'added', text: 'ttl: 20' },
              { kind: 'same', text: `description: ${longName}` },
            ]}
          />
        ),
      },
    },
    {
      component: 'CertificateTable',
      wide: true,
      states: {
        'far, near and past': (
          <CertificateTable
            at={now}
            ends={[
              { server: null, path: '', endsAt: now + 3_000 * day },
              { server: 'db1', path: '/etc/patroni/tls/server.crt', endsAt: now + 12 * day },
              { server: 'db2', path: '/etc/patroni/tls/server.crt', endsAt: now - day },
            ]}
          />
        ),
      },
    },
  ];
}

function SortedTable() {
  const sorted = useSorted([{ lag: 3 }, { lag: 1 }], (row, _column: 'name' | 'lag') => row.lag);
  return (
    <table className="m-table">
      <thead>
        <tr>
          <SortHeader column="name" name="Member" sorted={sorted} />
          <SortHeader column="lag" name="Replay lag" sorted={sorted} numeric />
        </tr>
      </thead>
      <tbody>
        {sorted.rows.map((row) => (
          <tr key={row.lag}>
            <td>db{row.lag}</td>
            <td className="m-num">{row.lag} MB</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SortedHead() {
  const sorted = useSorted<number, 'cluster'>([], (row) => row);
  return <SortLabel column="cluster" name="Cluster" sorted={sorted} />;
}
