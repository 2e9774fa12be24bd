import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppInfo, VaultStatus } from '../../shared/contract/app';
import type { AlertsUpdate } from '../../shared/model/alerts/alert';
import type { Prompt } from '../../shared/model/app/prompt';
import type { Settings } from '../../shared/model/app/settings';
import type { Undo } from '../../shared/model/undo';
import type { CoreConnection, CoreClient } from './core';
import { applyFleet, lastKnownFleet, type FleetView } from './live/fleet';
import { applyJobs, type JobsView } from './live/jobs';
import { createVaultGate, type VaultGate } from './vault-gate';

/** Everything the page's parts share: the core, the streams that live as long as the page, and the vault's gate. */
export interface Page {
  readonly core: CoreConnection;
  readonly gate: VaultGate;
  readonly fleet: StoreApi<FleetView>;
  readonly jobs: StoreApi<JobsView>;
  /** All alerts and their settings; null until they are known. */
  readonly alerts: StoreApi<{ readonly update: AlertsUpdate | null }>;
  readonly prompts: StoreApi<{ readonly open: readonly Prompt[] }>;
  readonly settings: StoreApi<{ readonly value: Settings | null }>;
  readonly vault: StoreApi<{ readonly status: VaultStatus | null }>;
  readonly info: StoreApi<{ readonly value: AppInfo | null }>;
  /** One call through the vault's gate; rejects with an AppError. */
  call<T>(use: (client: CoreClient) => Promise<T>): Promise<T>;
  /** Starts the streams; undone when the page closes. */
  start(): Undo;
}

/** Builds the page's shared part on a core. */
export function createPage(core: CoreConnection): Page {
  const gate = createVaultGate();
  const page: Page = {
    core,
    gate,
    fleet: createStore<FleetView>(() => ({ loaded: false, clusters: [] })),
    jobs: createStore<JobsView>(() => ({ loaded: false, jobs: [] })),
    alerts: createStore(() => ({ update: null as AlertsUpdate | null })),
    prompts: createStore(() => ({ open: [] as readonly Prompt[] })),
    settings: createStore(() => ({ value: null as Settings | null })),
    vault: createStore(() => ({ status: null as VaultStatus | null })),
    info: createStore(() => ({ value: null as AppInfo | null })),
    call: (use) => gate.pass(() => core.call(use)),
    start: () => start(page),
  };
  return page;
}

function start(page: Page): Undo {
  const { core } = page;
  const undos = [
    core.listen(
      (client, signal) => client.clusters.fleet(undefined, { signal }),
      (update) => page.fleet.setState(applyFleet(page.fleet.getState(), update), true),
    ),
    core.listen(
      (client, signal) => client.jobs.watch(undefined, { signal }),
      (update) => page.jobs.setState(applyJobs(page.jobs.getState(), update), true),
    ),
    core.listen(
      (client, signal) => client.alerts.watch(undefined, { signal }),
      (update) => page.alerts.setState({ update }),
    ),
    core.listen(
      (client, signal) => client.prompts.watch(undefined, { signal }),
      (open) => page.prompts.setState({ open }),
    ),
    core.listen(
      (client, signal) => client.app.settings(undefined, { signal }),
      (value) => page.settings.setState({ value }),
    ),
    core.listen(
      (client, signal) => client.vault.status(undefined, { signal }),
      (status) => page.vault.setState({ status }),
    ),
    core.status.subscribe((status) => {
      if (status.kind === 'open') readInfo(page);
      if (status.kind === 'lost') page.fleet.setState(lastKnownFleet(page.fleet.getState()), true);
    }),
  ];
  if (core.status.getState().kind === 'open') readInfo(page);
  return () => undos.forEach((undo) => undo());
}

function readInfo(page: Page): void {
  page.core
    .call((client) => client.app.info())
    .then(
      (value) => page.info.setState({ value }),
      // Without it the page only cannot say which version answers; the banner reports a lost core.
      () => undefined,
    );
}
