import './backups.css';
import { Button } from '@blueprintjs/core';
import { useState, type ReactNode } from 'react';
import type { BackupHost, BackupStanding, BackupStanza, BackupsView } from '../../../../../shared/model/backups/backup';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import { findBackupTrouble, stanzasOf } from '../../../../../shared/rules/backups/judge-backups';
import { clusterName } from '../../../../../shared/rules/citus/citus-names';
import { namesInWords } from '../../../../../shared/rules/words/wording';
import { useOpen } from '../../../../navigation/overlays';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { Answered } from '../../../../ui/answered';
import { ConfirmDialog } from '../../../../ui/confirm-dialog';
import { Consequences } from '../../../../ui/consequences';
import { Command } from '../../../../ui/command';
import { Chip, Mark } from '../../../../ui/mark';
import { ErrorNotice, Notice } from '../../../../ui/notice';
import { Empty, Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import { formatDateTime } from '../../../../ui/wording/format';
import { AdoptDialog, AdoptPart, RepositoryPart } from './adopt-part';
import { BackupTable } from './backup-table';
import { ProofPart } from './proof-part';
import { ProofTimerDialog } from './proof-timer-dialog';
import { ProveDialog } from './prove-dialog';
import { RestoreDialog } from './restore-dialog';
import { SetUpDialog } from './set-up-dialog';

/** What there is of backups, whoever set them up: as pgBackRest, PostgreSQL and the servers tell it. Asked when shown and on request. */
export default function BackupsViewPanel({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const answer = useAnswer(`backups ${clusterId}`, (client) => client.backups.read({ clusterId }));
  const again = <Button size="small" text="Look again" loading={answer.loading} onClick={answer.reload} />;
  return (
    <Answered
      answer={answer}
      what="Looking for backups on the servers of the members."
      tools={again}
      show={(view) => (
        <div className="m-stack" data-testid="backups">
          <Standing view={view} state={state} again={again} onAgain={answer.reload} />
          <Stanzas view={view} state={state} />
          <Archiving hosts={view.hosts} state={state} />
          <Others hosts={view.hosts} />
          <Files hosts={view.hosts} />
        </div>
      )}
    />
  );
}

interface Part {
  readonly view: BackupsView;
  readonly state: ClusterState;
}

function Standing({ view, state, again, onAgain }: Part & { readonly again: ReactNode; readonly onAgain: () => void }) {
  const [asked, setAsked] = useState<'set_up' | 'stop' | 'prove' | 'prove_by_timer' | 'adopt' | 'restore' | null>(null);
  const close = () => setAsked(null);
  const { standing, limitHours, asOf } = view;
  const [trouble] = findBackupTrouble(standing, limitHours, asOf);
  return (
    <Panel
      title="Backups"
      note={
        <>
          looked <Ago at={asOf} />
        </>
      }
      tools={
        <>
          {again}
          <Button size="small" text="Set up backups" onClick={() => setAsked('set_up')} />
          {view.setUpHere === null && view.adopted === null ? null : <BackUpNow state={state} />}
          {view.setUpHere === null ? null : (
            <Button size="small" text="Stop backing up" onClick={() => setAsked('stop')} />
          )}
          <Button size="small" text="Prove the newest" onClick={() => setAsked('prove')} />
          <Button size="small" text="Restore the cluster" onClick={() => setAsked('restore')} />
        </>
      }
    >
      {asked === 'restore' ? <RestoreDialog state={state} onClose={close} /> : null}
      {asked === 'stop' ? <StopDialog state={state} onClose={close} /> : null}
      {asked === 'prove' ? <ProveDialog state={state} onClose={close} /> : null}
      {asked === 'prove_by_timer' ? <ProofTimerDialog state={state} present={view.schedule} onClose={close} /> : null}
      {asked === 'adopt' ? <AdoptDialog view={view} state={state} onClose={close} onAdopted={onAgain} /> : null}
      {asked === 'set_up' ? <SetUpDialog state={state} onClose={close} /> : null}
      <div className="m-stack-tight" data-testid="backup-standing">
        {trouble === undefined ? (
          <Words standing={standing} />
        ) : (
          <Notice tone="warn">
            <div className="m-strong">{printable(trouble.sentence)}</div>
            <div className="m-small m-muted">{printable(trouble.evidence)}</div>
            <div>{printable(trouble.advice)}</div>
          </Notice>
        )}
        <AdoptPart view={view} state={state} onAdopt={() => setAsked('adopt')} onChanged={onAgain} />
        <ProofPart view={view} onTimer={() => setAsked('prove_by_timer')} />
        <p className="m-small m-muted">
          An alert is raised when the newest backup is more than {limitHours} h old; how old it may be is set under
          Alerts.
        </p>
      </div>
    </Panel>
  );
}

/** A backup of what changed, made by the unit that its timer starts. */
function BackUpNow({ state: { clusterId } }: { readonly state: ClusterState }) {
  const page = usePage();
  const open = useOpen();
  const start = useAction(async () => {
    const requestId = crypto.randomUUID();
    const job = await page.call((client) => client.backups.backUp({ clusterId, kind: 'full', requestId }));
    open.jobs(job.id);
  });
  return (
    <>
      <Button size="small" text="Back up now" loading={start.busy} onClick={() => void start.run()} />
      {start.error === null ? null : <ErrorNotice error={start.error} />}
    </>
  );
}

function StopDialog({ state, onClose }: { readonly state: ClusterState; readonly onClose: () => void }) {
  const { clusterId } = state;
  const page = usePage();
  const open = useOpen();
  const [requestId] = useState(() => crypto.randomUUID());
  const start = useAction(async (typed: string | null) => {
    const job = await page.call((client) => client.backups.stop({ clusterId, typed, requestId }));
    onClose();
    open.jobs(job.id);
  });
  return (
    <ConfirmDialog
      title="Stop backing up"
      start={start}
      confirm={{ text: 'Stop backing up', intent: 'danger' }}
      wanted={clusterName(state)}
      onConfirm={(typed) => void start.run(typed)}
      onClose={onClose}
    >
      <Consequences
        consequences={[
          'Timers, configuration and keys that were set up from here are removed on every server. The backups stay where they are.',
          'WAL is no longer archived: nothing written from then on can be restored.',
        ]}
      />
    </ConfirmDialog>
  );
}

function Words({ standing }: { readonly standing: BackupStanding }) {
  switch (standing.kind) {
    case 'backed_up':
      return (
        <p>
          <Mark tone="good" word="Backed up" /> The newest backup, {printable(standing.newest.label)} of stanza{' '}
          {printable(standing.stanza)}, ended <Ago at={standing.newest.endedAt} />.
        </p>
      );
    case 'elsewhere':
      return (
        <Notice tone="unknown">
          <div className="m-strong">Another program seems to make the backups, and is not read here.</div>
          <div>{printable(standing.tools.join('; '))}.</div>
        </Notice>
      );
    case 'not_known':
      return (
        <Notice tone="unknown">
          <div className="m-strong">Whether there are backups is not known.</div>
          {standing.why.map((why) => (
            <div key={why}>{printable(why)}</div>
          ))}
        </Notice>
      );
    case 'none':
      return null;
  }
}

/** A stanza as the servers that know it tell it: the repository is the same for all, so that one telling is enough. */
function Stanzas({ view, state }: Part) {
  const told = new Map<string, { readonly stanza: BackupStanza; readonly servers: readonly string[] }>();
  for (const host of view.hosts)
    for (const stanza of stanzasOf(view.hosts, host, state.systemIdentifier)) {
      const before = told.get(stanza.name);
      const isFuller = before === undefined || stanza.backups.length > before.stanza.backups.length;
      const servers = [...(before?.servers ?? []), host.server];
      told.set(stanza.name, { stanza: isFuller ? stanza : before.stanza, servers });
    }
  return [...told.values()].map(({ stanza, servers }) => (
    <Panel
      key={stanza.name}
      title={`Stanza ${printable(stanza.name)}`}
      note={`told by ${printable(namesInWords(servers))}`}
      flush
    >
      <div className="m-panel-body m-row m-row-wrap">
        <StanzaState stanza={stanza} />
        <span className="m-small m-muted">{encryptionInWords(stanza)}</span>
        {stanza.archives.map(({ id, repository, first, last }) => (
          <span key={`${id} ${repository}`} className="m-small">
            WAL of {printable(id)} in repository {repository}:{' '}
            {first === null || last === null ? 'none' : `${printable(first)} to ${printable(last)}`}
          </span>
        ))}
      </div>
      <div className="m-panel-body">
        <RepositoryPart view={view} stanza={stanza.name} />
      </div>
      <BackupTable stanza={stanza} />
    </Panel>
  ));
}

function StanzaState({ stanza }: { readonly stanza: BackupStanza }) {
  if (stanza.running === true) return <Mark tone="busy" word="A backup runs now" />;
  if (stanza.state === 'ok') return <Mark tone="good" word="OK" />;
  return <Mark tone={stanza.state === 'empty' ? 'warn' : 'crit'} word={printable(stanza.message)} />;
}

function encryptionInWords({ encrypted }: BackupStanza): string {
  if (encrypted === null) return 'Whether it is encrypted is not known.';
  return encrypted ? 'Encrypted.' : 'Not encrypted.';
}

function Archiving({ hosts, state }: { readonly hosts: readonly BackupHost[]; readonly state: ClusterState }) {
  return (
    <Panel title="On the servers" note="pgBackRest, and how PostgreSQL archives its WAL" flush>
      {hosts.length === 0 ? (
        <Empty title="No server was looked at">
          <p>No member of this cluster is reached over SSH.</p>
        </Empty>
      ) : (
        <div className="m-backup-scroll" tabIndex={0} role="region" aria-label="Table of the servers">
          <table className="m-table m-table-dense">
            <thead>
              <tr>
                <th>Server</th>
                <th>pgBackRest</th>
                <th>WAL archive</th>
                <th>Timers</th>
              </tr>
            </thead>
            <tbody>
              {hosts.map((host) => (
                <tr key={host.server} data-testid={`backup-server-${host.server}`}>
                  <td>
                    <div className="m-strong">{printable(host.server)}</div>
                    {host.member !== null && host.member === state.leader.holder ? (
                      <Chip tone="info" word="leader" />
                    ) : null}
                  </td>
                  <HostCells host={host} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function HostCells({ host }: { readonly host: BackupHost }) {
  if (host.error !== null)
    return (
      <td colSpan={3}>
        <ErrorNotice error={host.error} />
      </td>
    );
  return (
    <>
      <td className="m-wrap">
        <Installed host={host} />
      </td>
      <td className="m-wrap">
        <Archive host={host} />
      </td>
      <td className="m-wrap">
        {host.timers.length === 0 ? <span className="m-muted">none seen</span> : null}
        {host.timers.map(({ unit, active, nextAt, lastAt }) => (
          <div key={unit} className="m-small">
            {printable(unit)}: {active ? 'active' : 'not active'}
            {nextAt === null ? '' : `, next ${formatDateTime(nextAt)}`}
            {lastAt === null ? ', never run' : `, last ${formatDateTime(lastAt)}`}
          </div>
        ))}
      </td>
    </>
  );
}

function Installed({ host: { pgbackrest } }: { readonly host: BackupHost }) {
  if (pgbackrest === null) return <span className="m-muted">not installed</span>;
  return (
    <>
      <div>{pgbackrest.version ?? 'version not known'}</div>
      {pgbackrest.problem === null ? null : (
        <Notice tone="unknown">Its repository could not be read: {printable(pgbackrest.problem)}</Notice>
      )}
    </>
  );
}

function Archive({ host: { archiving, archivingProblem, member } }: { readonly host: BackupHost }) {
  if (archiving === null)
    return <span className="m-muted">{archivingProblem ?? (member === null ? 'no member' : 'not known')}</span>;
  if (archiving.mode === 'off') return <Mark tone="warn" word="off (archive_mode)" />;
  const failsNow = archiving.failedAt !== null && archiving.failedAt > (archiving.lastAt ?? 0);
  return (
    <>
      <div>
        archive_mode {printable(archiving.mode)}
        {archiving.lastAt === null ? null : (
          <>
            , last <Ago at={archiving.lastAt} />
          </>
        )}
      </div>
      {failsNow ? (
        <div>
          <Mark tone="crit" word="fails" /> <Ago at={archiving.failedAt} />
        </div>
      ) : null}
      {archiving.command === '' ? (
        <span className="m-muted">no archive_command</span>
      ) : (
        <Command text={printable(archiving.command)} label="Copy archive_command" />
      )}
    </>
  );
}

function Others({ hosts }: { readonly hosts: readonly BackupHost[] }) {
  const seen = hosts.flatMap(({ server, others }) => others.map((other) => `${server}: ${other}`));
  if (seen.length === 0) return null;
  return (
    <Panel title="Other programs for backups" note="seen, and not read">
      <ul>
        {seen.map((one) => (
          <li key={one}>{printable(one)}</li>
        ))}
      </ul>
    </Panel>
  );
}

function Files({ hosts }: { readonly hosts: readonly BackupHost[] }) {
  const files = hosts.flatMap(({ server, pgbackrest }) =>
    (pgbackrest?.files ?? []).map((file) => ({ server, ...file })),
  );
  if (files.length === 0) return null;
  return (
    <Panel title="Configuration of pgBackRest" note="as it stands on the servers; secrets are hidden there">
      <div className="m-stack-tight">
        {files.map(({ server, path, text }) => (
          <details key={`${server} ${path}`} className="m-details">
            <summary>
              {printable(path)} on {printable(server)}
            </summary>
            <pre className="m-log" tabIndex={0} role="region" aria-label={`${printable(path)} on ${printable(server)}`}>
              {text.split('\n').map(printable).join('\n')}
            </pre>
          </details>
        ))}
      </div>
    </Panel>
  );
}
