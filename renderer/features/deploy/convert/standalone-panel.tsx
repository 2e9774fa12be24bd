import { Button, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useState } from 'react';
import type { StandaloneFacts } from '../../../../shared/model/deploy/day2';
import type { Server } from '../../../../shared/model/connect/server';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { formatBytes, plural } from '../../../ui/wording/format';
import { Loading } from '../../../ui/loading';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { Name, printable } from '../../../ui/text';
import { ServerDialog } from '../../../server-editor/server-dialogs';
import type { DeployForm } from '../../../deployment/form/form';
import { convertForm } from '../../../deployment/form/convert-form';

/** Looks for a PostgreSQL that runs by itself, and begins a set-up in which it becomes the leader. */
export function StandalonePanel({
  busy,
  onBegin,
}: {
  readonly busy: boolean;
  readonly onBegin: (form: DeployForm) => void;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Panel title="From a standalone PostgreSQL">
      <div className="m-stack">
        <p className="d-lead">
          A PostgreSQL without Patroni becomes the first leader of a new cluster and keeps its data directory. It stops
          once, for a few seconds, after everything else is in place.
        </p>
        {open ? (
          <Search busy={busy} onBegin={onBegin} />
        ) : (
          <div>
            <Button text="Convert a PostgreSQL" onClick={() => setOpen(true)} />
          </div>
        )}
      </div>
    </Panel>
  );
}

function Search({ busy, onBegin }: { readonly busy: boolean; readonly onBegin: (form: DeployForm) => void }) {
  const page = usePage();
  const servers = useAnswer('servers', (client) => client.servers.list());
  const [chosen, setChosen] = useState('');
  const [adding, setAdding] = useState(false);
  const [found, setFound] = useState<readonly StandaloneFacts[] | null>(null);
  const server = servers.value?.find((one) => one.id === chosen);
  const inspection = useAction(async (at: Server) => {
    setFound(null);
    setFound(
      await page.call((client) =>
        client.deploy.day2.standalones({
          servers: [{ name: 'server', ssh: { server: at.id }, address: at.host, roles: ['postgres'], tags: {} }],
        }),
      ),
    );
  });
  if (servers.value === null)
    return servers.error === null ? <Loading what="Reading your servers." /> : <ErrorNotice error={servers.error} />;
  return (
    <>
      <form
        className="m-row m-row-wrap d-search"
        aria-label="Where PostgreSQL runs"
        onSubmit={(event) => {
          event.preventDefault();
          if (server !== undefined) void inspection.run(server);
        }}
      >
        <FormGroup label="Server it runs on" labelFor="standalone-server">
          <HTMLSelect
            id="standalone-server"
            value={chosen}
            onChange={(event) => {
              setChosen(event.currentTarget.value);
              setFound(null);
            }}
          >
            <option value="">Choose a server</option>
            {servers.value.map((one) => (
              <option key={one.id} value={one.id}>
                {printable(one.name)} ({printable(one.user)}@{printable(one.host)})
              </option>
            ))}
          </HTMLSelect>
        </FormGroup>
        <Button
          type="submit"
          intent={found === null ? 'primary' : 'none'}
          text="Find PostgreSQL"
          disabled={server === undefined}
          loading={inspection.busy}
        />
        <Button text="Add a server to Matriarch" onClick={() => setAdding(true)} />
      </form>
      {inspection.error === null ? null : <ErrorNotice error={inspection.error} />}
      {found === null || server === undefined ? null : (
        <Found found={found} server={server} busy={busy} onBegin={onBegin} />
      )}
      {adding ? (
        <ServerDialog
          server={null}
          onClose={() => {
            setAdding(false);
            servers.reload();
          }}
        />
      ) : null}
    </>
  );
}

/** Which replicas stream from the PostgreSQL now, as the end of a sentence. */
function describeStreaming(names: readonly string[]): string {
  const verb = names.length === 1 ? 'streams' : 'stream';
  return `; ${names.map(printable).join(', ')} ${verb} from it now and must be recreated`;
}

function Found({
  found,
  server,
  busy,
  onBegin,
}: {
  readonly found: readonly StandaloneFacts[];
  readonly server: Server;
  readonly busy: boolean;
  readonly onBegin: (form: DeployForm) => void;
}) {
  if (found.length === 0)
    return (
      <Notice tone="info">
        No standalone PostgreSQL runs on <Name text={server.name} strong />: it may be missing, stopped, a replica, or
        already managed by Patroni.
      </Notice>
    );
  return (
    <ul className="d-checks" aria-label="PostgreSQL that was found">
      {found.map((one) => (
        <li key={`${one.version} ${one.name}`} className="d-check">
          <h3>
            PostgreSQL {one.version} “{printable(one.name)}” on {printable(server.name)}, port {one.port}
          </h3>
          <p className="m-small m-muted m-wrap">
            {formatBytes(one.sizeBytes)} in <span className="m-mono">{printable(one.dataDirectory)}</span>;{' '}
            {plural(Object.keys(one.parameters).length, 'setting')} and {plural(one.hba.length, 'line')} of pg_hba are
            kept
            {one.streaming.length === 0 ? '' : describeStreaming(one.streaming)}.
          </p>
          {one.notes.map((note) => (
            <Notice key={note} tone="warn">
              {printable(note)}
            </Notice>
          ))}
          {one.tablespaces > 0 ? (
            <Notice tone="crit">
              It has additional tablespaces, whose directories the replicas would need, too. It cannot be converted
              here.
            </Notice>
          ) : null}
          {found.length > 1 ? (
            <Notice tone="warn">More than one PostgreSQL runs on this server; the first one is converted.</Notice>
          ) : null}
          <div>
            <Button
              intent="primary"
              text={`Use as leader of a new cluster`}
              disabled={one.tablespaces > 0}
              loading={busy}
              onClick={() => onBegin(convertForm(server, one))}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}
