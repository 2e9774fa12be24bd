import { Button } from '@blueprintjs/core';
import type { AvailableVersions } from '../../../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import type { AptRepository, Sources } from '../../../../../shared/model/deploy/spec/source-spec';
import { ErrorNotice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { printable } from '../../../../ui/text';
import { Choices, type Choice } from '../../../../ui/choices';
import { LinesField, TextField } from '../../wizard/spec-fields';
import { repositoryVerdict } from '../../../../deployment/form/repositories';
import { useSpec, useWizard } from '../../wizard/wizard-context';

type Change = (edit: (sources: Sources) => Sources) => void;

function useSources(): readonly [Sources, Change] {
  const wizard = useWizard();
  const spec: ClusterSpec = useSpec();
  return [spec.sources, (edit) => wizard.changeSpec((before) => ({ ...before, sources: edit(before.sources) }))];
}

/** Repositories beside the distribution's own, and where etcd and Patroni come from. */
export function SoftwareSources({ offers }: { readonly offers: readonly AvailableVersions[] }) {
  return (
    <>
      <Repositories offers={offers} />
      <div className="d-pair">
        <EtcdSource />
        <PatroniSource />
      </div>
    </>
  );
}

const pgdg: AptRepository = {
  url: 'https://apt.postgresql.org/pub/repos/apt',
  suite: '{codename}-pgdg',
  components: ['main'],
  keyUrl: 'https://www.postgresql.org/media/keys/ACCC4CF8.asc',
};
const mirror: AptRepository = { url: 'https://', suite: '{codename}', components: ['main'] };

function Repositories({ offers }: { readonly offers: readonly AvailableVersions[] }) {
  const [sources, change] = useSources();
  const add = (repository: AptRepository) =>
    change((before) => ({ ...before, repositories: [...before.repositories, repository] }));
  const has = sources.repositories.some((one) => one.url === pgdg.url);
  return (
    <Panel title="Package repositories" note="in addition to the distribution's own, on every server">
      <div className="m-stack">
        {sources.repositories.length === 0 ? (
          <p className="m-muted">None: everything comes from the repositories that the servers use now.</p>
        ) : null}
        {sources.repositories.map((repository, index) => (
          <Repository key={index} repository={repository} index={index} offers={offers} />
        ))}
        <div className="m-row">
          <Button text="Add PostgreSQL's own (PGDG)" disabled={has} onClick={() => add(pgdg)} />
          <Button text="Add a mirror" onClick={() => add(mirror)} />
        </div>
      </div>
    </Panel>
  );
}

function Repository({
  repository,
  index,
  offers,
}: {
  readonly repository: AptRepository;
  readonly index: number;
  readonly offers: readonly AvailableVersions[];
}) {
  const [, change] = useSources();
  const path = `sources.repositories.${index}`;
  const set = (edit: (repository: AptRepository) => AptRepository) =>
    change((before) => ({
      ...before,
      repositories: before.repositories.map((one, at) => (at === index ? edit(one) : one)),
    }));
  const setKeyUrl = (text: string) =>
    set(({ keyUrl: _url, ...rest }) => (text === '' ? rest : { ...rest, keyUrl: text }));
  const setKey = (lines: readonly string[]) =>
    set(({ keyPem: _key, ...rest }) => (lines.length === 0 ? rest : { ...rest, keyPem: `${lines.join('\n')}\n` }));
  return (
    <fieldset className="m-fieldset d-card">
      <legend className="m-strong">Repository {index + 1}</legend>
      <TextField
        label="URL"
        path={`${path}.url`}
        value={repository.url}
        onValue={(url) => set((one) => ({ ...one, url }))}
      />
      <div className="m-form-row">
        <TextField
          label="Suite"
          path={`${path}.suite`}
          value={repository.suite}
          help="{codename} stands for the server's release."
          onValue={(suite) => set((one) => ({ ...one, suite }))}
        />
        <TextField
          label="Components"
          path={`${path}.components`}
          value={repository.components.join(' ')}
          onValue={(text) => set((one) => ({ ...one, components: text.split(/\s+/).filter((part) => part !== '') }))}
        />
      </div>
      <TextField
        label="URL of the signing key"
        path={`${path}.keyUrl`}
        value={repository.keyUrl ?? ''}
        help="Read by this workstation, or by a server if the workstation cannot reach it. Or leave it empty and paste the key."
        onValue={setKeyUrl}
      />
      {repository.keyUrl === undefined ? (
        <LinesField
          label="Signing key"
          path={`${path}.keyPem`}
          value={(repository.keyPem ?? '').split('\n').filter((line) => line !== '')}
          placeholder="-----BEGIN PGP PUBLIC KEY BLOCK-----"
          onValue={setKey}
        />
      ) : null}
      <Verdict repository={repository} offers={offers} />
      <Button
        size="small"
        text="Remove this repository"
        onClick={() =>
          change((before) => ({ ...before, repositories: before.repositories.filter((_, at) => at !== index) }))
        }
      />
    </fieldset>
  );
}

/** What apt on the servers said of a repository; nothing while it was not asked. */
function Verdict({
  repository,
  offers,
}: {
  readonly repository: AptRepository;
  readonly offers: readonly AvailableVersions[];
}) {
  const verdict = repositoryVerdict(repository, offers);
  if (verdict === null) return null;
  return (
    <div className="m-stack">
      <p className="m-small">{printable(verdict.sentence)}</p>
      {verdict.error === null ? null : <ErrorNotice error={verdict.error} />}
    </div>
  );
}

const etcdKinds: readonly Choice<Sources['etcd']['kind']>[] = [
  { value: 'packages', label: 'Packages', explain: 'etcd-server of the distribution.' },
  {
    value: 'archive',
    label: 'A release archive',
    explain: 'A version of your choice, by URL and SHA-256, unpacked below /opt/matriarch.',
  },
];

function EtcdSource() {
  const [{ etcd }, change] = useSources();
  const set = (next: Sources['etcd']) => change((before) => ({ ...before, etcd: next }));
  return (
    <Panel title="etcd">
      <Choices
        legend="Where does etcd come from?"
        value={etcd.kind}
        choices={etcdKinds}
        onValue={(kind) => set(kind === 'packages' ? { kind } : { kind, url: '', sha256: '' })}
      />
      {etcd.kind === 'archive' ? (
        <>
          <TextField
            label="URL of the archive"
            path="sources.etcd.url"
            value={etcd.url}
            placeholder="https://mirror.example.net/etcd-v3.5.21-linux-amd64.tar.gz"
            help={
              <>
                The servers fetch it the same way as packages. <span className="m-mono">file:///…</span> refers to a
                file on this workstation, which is uploaded.
              </>
            }
            onValue={(url) => set({ ...etcd, url: url.trim() })}
          />
          <TextField
            label="SHA-256 of the archive"
            path="sources.etcd.sha256"
            value={etcd.sha256}
            help="The checksum published for this file. An archive with another checksum is rejected before it is unpacked."
            onValue={(text) => set({ ...etcd, sha256: text.trim().toLowerCase() })}
          />
        </>
      ) : null}
    </Panel>
  );
}

const patroniKinds: readonly Choice<Sources['patroni']['kind']>[] = [
  { value: 'packages', label: 'Packages', explain: 'patroni of the distribution or of an added repository.' },
  {
    value: 'pip',
    label: 'pip in a virtual environment',
    explain:
      'A version of your choice, from an index or from wheels on this workstation, below /opt/matriarch/patroni, with its own unit.',
  },
];

function PatroniSource() {
  const [{ patroni }, change] = useSources();
  const set = (next: Sources['patroni']) => change((before) => ({ ...before, patroni: next }));
  return (
    <Panel title="Patroni">
      <Choices
        legend="Where does Patroni come from?"
        value={patroni.kind}
        choices={patroniKinds}
        onValue={(kind) => set({ kind })}
      />
      {patroni.kind === 'pip' ? <PipFields pip={patroni} set={set} /> : null}
    </Panel>
  );
}

type Pip = Extract<Sources['patroni'], { kind: 'pip' }>;

function PipFields({ pip, set }: { readonly pip: Pip; readonly set: (pip: Pip) => void }) {
  const setVersion = (text: string) => {
    const { version: _old, ...rest } = pip;
    set(text === '' ? rest : { ...rest, version: text });
  };
  const setIndex = (text: string) => {
    const { indexUrl: _old, ...rest } = pip;
    set(text === '' ? rest : { ...rest, indexUrl: text });
  };
  const setWheels = (text: string) => {
    const { wheelDirectory: _old, ...rest } = pip;
    set(text === '' ? rest : { ...rest, wheelDirectory: text });
  };
  return (
    <>
      <TextField
        label="Version"
        path="sources.patroni.version"
        value={pip.version ?? ''}
        placeholder="the newest"
        onValue={setVersion}
      />
      <TextField
        label="Index URL"
        path="sources.patroni.indexUrl"
        value={pip.indexUrl ?? ''}
        placeholder="the pip configuration of each server"
        help="Without a user or password."
        onValue={setIndex}
      />
      <TextField
        label="Directory of wheels on this workstation"
        path="sources.patroni.wheelDirectory"
        value={pip.wheelDirectory ?? ''}
        placeholder="none"
        help={
          <>
            Filled by <span className="m-mono">pip download 'patroni[psycopg3,etcd3]'</span> for the Python version of
            the servers. No index is used then.
          </>
        }
        onValue={setWheels}
      />
    </>
  );
}
