import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { BackupsView } from '../../../../../shared/model/backups/backup';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import { stanzasOf } from '../../../../../shared/rules/backups/judge-backups';
import { isConfigured, repositoriesOf } from '../../../../../shared/rules/backups/read-backup-config';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { ConfirmDialog } from '../../../../ui/confirm-dialog';
import { Consequences } from '../../../../ui/consequences';
import { ErrorNotice } from '../../../../ui/notice';
import { printable } from '../../../../ui/text';
import { ChoiceField } from './form-fields';

interface Part {
  readonly view: BackupsView;
  readonly state: ClusterState;
}

/** The stanzas of the cluster by name, whoever set them up. */
function ownStanzas({ view, state }: Part): readonly string[] {
  return [
    ...new Set(
      view.hosts.flatMap((host) => stanzasOf(view.hosts, host, state.systemIdentifier).map(({ name }) => name)),
    ),
  ];
}

/** Where a stanza is kept and for how long, as the configuration says it that knows most: that of the server with the repository. */
export function RepositoryPart({ view, stanza }: { readonly view: BackupsView; readonly stanza: string }) {
  const told = view.hosts.flatMap(({ server, pgbackrest }) => {
    const files = pgbackrest?.files ?? [];
    return isConfigured(files, stanza) ? [{ server, repositories: repositoriesOf(files, stanza) }] : [];
  });
  const best = told.find(({ repositories }) => repositories.every(({ host }) => host === null)) ?? told[0];
  if (best === undefined) return null;
  return (
    <ul className="m-small m-backup-repositories" aria-label={`Repositories of ${printable(stanza)}`}>
      {best.repositories.map(({ number, place, keeps, host }) => (
        <li key={number}>
          Repository {number}: {printable(place)}.{' '}
          {keeps === null ? notSet(best.server, host) : `It keeps ${printable(keeps)}.`}
        </li>
      ))}
    </ul>
  );
}

function notSet(server: string, host: string | null): string {
  const elsewhere = host === null ? '' : ', and that server is not looked at';
  return `How long backups are kept is not set on ${printable(server)}${elsewhere}.`;
}

/** That somebody else set the backups up, and what can be done about it. */
export function AdoptPart({
  view,
  state,
  onAdopt,
  onChanged,
}: Part & { readonly onAdopt: () => void; readonly onChanged: () => void }) {
  const page = usePage();
  const { clusterId } = state;
  const letGo = useAction(async () => {
    await page.call((client) => client.backups.letGo({ clusterId }));
    onChanged();
  });
  const stanzas = ownStanzas({ view, state });
  if (view.setUpHere !== null || (stanzas.length === 0 && view.adopted === null)) return null;
  return (
    <div className="m-row m-row-wrap" data-testid="backup-adopted">
      <span className="m-small">
        {view.adopted === null
          ? 'Somebody else set these backups up. They are read as they are, and nothing of them is ever changed from here.'
          : `Stanza ${printable(view.adopted)} was set up by somebody else and adopted; nothing of its configuration is changed from here.`}
      </span>
      {view.adopted === null ? (
        <Button size="small" text="Adopt them" onClick={onAdopt} />
      ) : (
        <Button size="small" text="Let go of them" loading={letGo.busy} onClick={() => void letGo.run()} />
      )}
      {letGo.error === null ? null : <ErrorNotice error={letGo.error} />}
    </div>
  );
}

/** Asks which stanza is adopted, and which server keeps it. */
export function AdoptDialog(props: Part & { readonly onAdopted: () => void; readonly onClose: () => void }) {
  const { view, state, onAdopted, onClose } = props;
  const { clusterId } = state;
  const page = usePage();
  const stanzas = ownStanzas({ view, state });
  const [stanza, setStanza] = useState(stanzas[0] ?? '');
  const [serverId, setServerId] = useState('');
  const servers = useAnswer('servers', (client) => client.servers.list());
  const start = useAction(async () => {
    await page.call((client) =>
      client.backups.adopt({ clusterId, stanza, serverId: serverId === '' ? null : serverId }),
    );
    onClose();
    onAdopted();
  });
  return (
    <ConfirmDialog
      title="Adopt the backups"
      start={start}
      confirm={{ text: 'Adopt them', intent: 'primary' }}
      onConfirm={() => void start.run()}
      onClose={onClose}
    >
      <ChoiceField
        label="Stanza"
        value={stanza}
        options={stanzas.map((name) => [name, printable(name)])}
        onValue={setStanza}
      />
      <RepositoryPart view={view} stanza={stanza} />
      {servers.error === null ? null : <ErrorNotice error={servers.error} />}
      <ChoiceField
        label="Kept on the server"
        help="It is looked at with the members' servers from then on, and backups are made there on request."
        value={serverId}
        options={[
          ['', "none of the app's servers: a directory or a store"],
          ...(servers.value ?? []).map(({ id, name }) => [id, printable(name)] as const),
        ]}
        onValue={setServerId}
      />
      <Consequences
        consequences={[
          'Nothing is written on any server: who made the backups goes on making them, by the same configuration and timers.',
          'From then on a backup can be made on request, and the newest one be proved by a timer. A restore is offered either way.',
        ]}
      />
    </ConfirmDialog>
  );
}
