import '../../../job-view/job-view.css';
import { Button, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { CheckedBundle } from '../../../../shared/model/deploy/bundle';
import { clusterSpecSchema } from '../../../../shared/model/deploy/spec/cluster-spec';
import { useAction, usePage } from '../../../rpc/hooks';
import { formatBytes, formatDateTime, plural } from '../../../ui/wording/format';
import { ErrorNotice, Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { JobPanel } from '../../../job-view/job-panel';
import { Switch } from '../../../ui/choices';
import { TextField } from '../wizard/spec-fields';
import { useSpec, useWizard, useWizardState } from '../wizard/wizard-context';
import { fileFor, missingIn, releasesOf, softwareOf, sourceOf, WORKSTATION, type BundleForm } from './bundle-rules';

/** The bundle that the servers get their packages from: one that is there, or one that is made now. */
export function BundlePanel({ file }: { readonly file: string }) {
  const page = usePage();
  const wizard = useWizard();
  const [found, setFound] = useState<CheckedBundle | null>(null);
  const [making, setMaking] = useState(file === '');
  const check = useAction(async (path: string) => {
    setFound(null);
    setFound(await page.call((client) => client.deploy.bundle.check({ file: path })));
  });
  const use = (path: string) => {
    wizard.changeSpec((before) => ({
      ...before,
      sources: { ...before.sources, route: { kind: 'bundle', file: path } },
    }));
    setFound(null);
  };
  return (
    <Panel
      title="Bundle"
      note="all packages in one file on this workstation"
      tools={making ? undefined : <Button size="small" text="Make a bundle" onClick={() => setMaking(true)} />}
    >
      <div className="m-stack">
        <div className="m-row d-bundle-file">
          <TextField
            label="Bundle on this workstation"
            path="sources.route.file"
            value={file}
            placeholder="/home/me/cluster-packages.tar"
            help="Path of a bundle that was made here or elsewhere."
            onValue={use}
          />
          <Button text="Check" disabled={file === ''} loading={check.busy} onClick={() => void check.run(file)} />
        </div>
        {check.error === null ? null : <ErrorNotice error={check.error} />}
        {found === null || found.file !== file ? null : <Contents bundle={found} />}
        {making ? (
          <MakeBundle
            onMade={(path) => {
              use(path);
              void check.run(path);
            }}
          />
        ) : null}
      </div>
    </Panel>
  );
}

/** What a bundle that was read whole holds, and whether it fits. */
function Contents({ bundle }: { readonly bundle: CheckedBundle }) {
  const spec = useSpec();
  const { manifest } = bundle;
  const missing = missingIn(bundle, spec);
  const releases = releasesOf(useSeenFacts());
  const own = `${manifest.release.id} ${manifest.release.codename}, ${manifest.architecture}`;
  const others = releases.filter((release) => release !== own);
  return (
    <div className="m-stack" data-testid="bundle-contents">
      {missing.length === 0 && others.length === 0 ? (
        <Notice tone="good">The bundle is complete and contains everything this cluster needs.</Notice>
      ) : null}
      {missing.length === 0 ? null : (
        <Notice tone="warn">
          It lacks {missing.map(printable).join(', ')}. That is fine if they are already installed; otherwise make a new
          bundle.
        </Notice>
      )}
      {others.length === 0 ? null : (
        <Notice tone="crit">
          It is for {own}. {others.join(' and ')} {others.length === 1 ? 'needs' : 'need'} another one.
        </Notice>
      )}
      <dl className="m-facts">
        <dt>Made</dt>
        <dd>
          {formatDateTime(manifest.madeAt)} from {printable(manifest.madeFrom)}
        </dd>
        <dt>For</dt>
        <dd>{printable(own)}</dd>
        <dt>Contains</dt>
        <dd>
          {plural(manifest.packages.length, 'package')}, {formatBytes(bundle.bytes)}
        </dd>
        <dt>SHA-256</dt>
        <dd className="m-mono m-wrap">{bundle.sha256}</dd>
      </dl>
      <details className="d-details">
        <summary>Packages</summary>
        <ul className="d-packages" aria-label="Packages of the bundle" tabIndex={0}>
          {manifest.packages.map((one) => (
            <li key={one.file} className="m-mono">
              {printable(one.name)} <span className="m-muted">{printable(one.version)}</span>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}

function useSeenFacts() {
  const inspections = useWizardState((state) => state.inspections);
  return Object.values(inspections).flatMap((inspection) =>
    inspection.kind === 'done' && inspection.result.facts !== null ? [inspection.result.facts] : [],
  );
}

/** Collects a bundle: from where, for what, and where it will lie; then how it goes. */
function MakeBundle({ onMade }: { readonly onMade: (file: string) => void }) {
  const page = usePage();
  const spec = useSpec();
  const facts = useSeenFacts();
  const directory = useStore(page.info, (info) => info.value?.dataDirectory ?? '');
  const [request, setRequest] = useState<BundleForm>({ from: '', through: false, file: '' });
  const [jobId, setJobId] = useState<string | null>(null);
  const file = request.file === '' ? fileFor(spec, facts, directory) : request.file;
  // The set-up lacks the file that is only made here.
  const wanted = { ...spec, sources: { ...spec.sources, route: { kind: 'bundle' as const, file } } };
  const whole = clusterSpecSchema.safeParse(wanted).success;
  const make = useAction(async () => {
    const job = await page.call((client) =>
      client.deploy.bundle.make({ spec: wanted, source: sourceOf(request), file, requestId: crypto.randomUUID() }),
    );
    setJobId(job.id);
  });
  const releases = releasesOf(facts);
  return (
    <form
      className="m-stack d-card"
      aria-label="Make a bundle"
      onSubmit={(event) => {
        event.preventDefault();
        void make.run();
      }}
    >
      <h3>Make a bundle</h3>
      <p>
        For {releases.length === 0 ? 'the release of the server it is collected on' : releases.join(' and ')}:{' '}
        {softwareOf(spec)}, with all dependencies that the servers lack.
      </p>
      {releases.length > 1 ? (
        <Notice tone="warn">
          Each release needs its own bundle, and a set-up uses only one: choose servers of the same release.
        </Notice>
      ) : null}
      <CollectFrom request={request} onRequest={setRequest} />
      <FormGroup
        label="Write it to"
        labelFor="bundle-file"
        helperText="A path on this workstation. Existing files are never overwritten."
      >
        <InputGroup
          id="bundle-file"
          value={file}
          autoComplete="off"
          spellCheck={false}
          onValueChange={(path) => setRequest({ ...request, file: path.trim() })}
        />
      </FormGroup>
      {make.error === null ? null : <ErrorNotice error={make.error} />}
      <div>
        <Button
          type="submit"
          intent="primary"
          text="Collect the packages"
          disabled={request.from === '' || !whole}
          loading={make.busy}
        />
      </div>
      {whole ? null : <p className="m-muted">Give every server a role and the cluster a name first.</p>}
      {jobId === null ? null : <Progress key={jobId} jobId={jobId} onUse={() => onMade(file)} />}
    </form>
  );
}

function CollectFrom({
  request,
  onRequest,
}: {
  readonly request: BundleForm;
  readonly onRequest: (request: BundleForm) => void;
}) {
  const spec = useSpec();
  const inventory = useWizardState((state) => state.inventory);
  const own = new Set(spec.servers.map((server) => ('server' in server.ssh ? server.ssh.server : '')));
  return (
    <>
      <FormGroup
        label="Collect on"
        labelFor="bundle-from"
        helperText="A server of the same release that reaches the package repositories; it downloads the packages and installs nothing."
      >
        <HTMLSelect
          id="bundle-from"
          value={request.from}
          onChange={(event) => onRequest({ ...request, from: event.currentTarget.value })}
        >
          <option value="">Choose where</option>
          {spec.servers.map((server) => (
            <option key={server.name} value={server.name}>
              {printable(server.name)} (this cluster)
            </option>
          ))}
          {inventory
            .filter((server) => !own.has(server.id))
            .map((server) => (
              <option key={server.id} value={server.id}>
                {printable(server.name)}
              </option>
            ))}
          <option value={WORKSTATION}>This workstation, if it runs Debian</option>
        </HTMLSelect>
      </FormGroup>
      {request.from === '' || request.from === WORKSTATION ? null : (
        <Switch
          label="Through this workstation"
          explain="For a server without internet access: package lists and packages pass through the SSH connection."
          checked={request.through}
          onValue={(through) => onRequest({ ...request, through })}
        />
      )}
    </>
  );
}

function Progress({ jobId, onUse }: { readonly jobId: string; readonly onUse: () => void }) {
  const job = useStore(usePage().jobs, (view) => view.jobs.find((one) => one.id === jobId));
  if (job === undefined) return null;
  return (
    <div className="m-stack">
      {job.status === 'done' ? (
        <Notice tone="good" tools={<Button intent="primary" text="Use this bundle" onClick={onUse} />}>
          The bundle is ready.
        </Notice>
      ) : null}
      <JobPanel job={job} />
    </div>
  );
}
