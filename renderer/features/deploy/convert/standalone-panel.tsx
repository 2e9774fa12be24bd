import { Button, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useState } from 'react';
import type { StandaloneFacts } from '../../../../shared/model/deploy/day2';
import type { Server } from '../../../../shared/model/connect/server';
import { useAction, useAnswer, usePage } from '../../../rpc/hooks';
import { formatBytes, plural } from '../../../ui/format';
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
    <Panel title="From a PostgreSQL that runs by itself">
      <div className="m-stack">
        <p className="d-lead">
          A PostgreSQL without Patroni becomes the first leader of a cluster and keeps its data where it is. It is
          stopped once, for a few seconds, after everything else is in place.
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
  const look = useAction(async (at: Server) => {
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
          if (server !== undefined) void look.run(server);
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
          text="Look for PostgreSQL"
          disabled={server === undefined}
          loading={look.busy}
        />
        <Button text="Add a server to Matriarch" onClick={() => setAdding(true)} />
      </form>
      {look.error === null ? null : <ErrorNotice error={look.error} />}
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
      <Notice tone="unknown">
        No PostgreSQL runs by itself on <Name text={server.name} strong />: there is none, it is stopped, it is a
        replica, or Patroni runs it already.
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
            carried along
            {one.streaming.length === 0
              ? ''
              : `; ${one.streaming.map(printable).join(', ')} ${one.streaming.length === 1 ? 'streams' : 'stream'} from it now and must be made anew`}
            .
          </p>
          {one.notes.map((note) => (
            <Notice key={note} tone="warn">
              {printable(note)}
            </Notice>
          ))}
          {one.tablespaces > 0 ? (
            <Notice tone="crit">
              It has tablespaces of its own, whose directories replicas would need, too. It cannot be converted from
              here.
            </Notice>
          ) : null}
          {found.length > 1 ? (
            <Notice tone="warn">More than one runs on this server; the first of them is converted.</Notice>
          ) : null}
          <div>
            <Button
              intent="primary"
              text={`Make it the leader of a cluster`}
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
