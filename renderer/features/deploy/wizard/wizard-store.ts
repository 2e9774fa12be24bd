import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppErrorData } from '../../../../shared/model/app-error';
import type { FactsResult } from '../../../../shared/model/deploy/deploy-views';
import type { Server } from '../../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { errorDataOf } from '../../../rpc/errors';
import type { Page } from '../../../rpc/page';
import { draftOf, draftTitle, type DeployForm } from '../../../deployment/form/form';
import { serverKey } from '../../../deployment/form/server-key';
import { withFacts } from '../../../deployment/form/servers';
import type { StepId } from '../../../deployment/form/steps';

/** The inspection of a server: still running, or its result. */
export type Inspection = { readonly kind: 'running' } | { readonly kind: 'done'; readonly result: FactsResult };

/** The guided set-up while it is open. */
export interface WizardState {
  readonly form: DeployForm;
  readonly step: StepId;
  /** By the key of the server, see `serverKey`. */
  readonly inspections: Readonly<Record<string, Inspection>>;
  readonly inventory: readonly Server[];
  readonly saving: 'saved' | 'saving' | AppErrorData;
}

/** The form of one draft with what can be done to it. Every change is saved in the core soon after. */
export interface Wizard {
  readonly id: string;
  readonly store: StoreApi<WizardState>;
  change(edit: (form: DeployForm) => DeployForm): void;
  changeSpec(edit: (spec: ClusterSpec) => ClusterSpec): void;
  setStep(step: StepId): void;
  /** Inspects servers, each by itself, so that a slow one delays no other. */
  inspect(keys: readonly string[]): Promise<void>;
  reloadInventory(): Promise<readonly Server[]>;
  /** Saves now what is not saved yet; called when the page is left. Resolves when it was tried. */
  flush(): Promise<void>;
}

const SAVE_AFTER_MS = 400;

/** Opens a draft. */
export function createWizard(page: Page, id: string, form: DeployForm, step: StepId): Wizard {
  const store = createStore<WizardState>(() => ({ form, step, inspections: {}, inventory: [], saving: 'saved' }));
  const saver = createSaver(page, id, store);
  const change = (edit: (before: DeployForm) => DeployForm) => {
    const before = store.getState().form;
    const after = edit(before);
    if (after === before) return;
    store.setState({ form: after });
    saver.soon();
  };
  return {
    id,
    store,
    change,
    changeSpec: (edit) => change((before) => ({ ...before, spec: edit(before.spec) })),
    setStep: (next) => {
      if (store.getState().step !== next) {
        store.setState({ step: next });
        saver.soon();
      }
    },
    inspect: (keys) => inspectServers(page, store, change, keys),
    reloadInventory: () => readInventory(page, store),
    flush: saver.now,
  };
}

interface Saver {
  readonly soon: () => void;
  readonly now: () => Promise<void>;
}

function createSaver(page: Page, id: string, store: StoreApi<WizardState>): Saver {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    const { form, step } = store.getState();
    return page
      .call((client) => client.deploy.drafts.save({ id, title: draftTitle(form.spec), step, spec: draftOf(form) }))
      .then(
        () => {
          if (timer === undefined) store.setState({ saving: 'saved' });
        },
        (thrown: unknown) => store.setState({ saving: errorDataOf(thrown) }),
      );
  };
  return {
    soon: () => {
      clearTimeout(timer);
      timer = setTimeout(() => void save(), SAVE_AFTER_MS);
      store.setState({ saving: 'saving' });
    },
    now: () => (timer === undefined ? Promise.resolve() : save()),
  };
}

async function readInventory(page: Page, store: StoreApi<WizardState>): Promise<readonly Server[]> {
  const inventory = await page.call((client) => client.servers.list());
  store.setState({ inventory });
  return inventory;
}

async function inspectServers(
  page: Page,
  store: StoreApi<WizardState>,
  change: Wizard['change'],
  keys: readonly string[],
): Promise<void> {
  const setInspection = (key: string, inspection: Inspection) =>
    store.setState((state) => ({ inspections: { ...state.inspections, [key]: inspection } }));
  await Promise.all(
    keys.map(async (key) => {
      const server = store.getState().form.spec.servers.find((one) => serverKey(one) === key);
      if (server === undefined) return;
      setInspection(key, { kind: 'running' });
      // Roles and tags do not matter to an inspection, and a server may not have a role yet.
      const asked = { ...server, roles: ['etcd' as const], tags: {} };
      const result = await page
        .call((client) => client.deploy.look({ servers: [asked] }))
        .then(
          (results) => results[0] ?? unanswered(server.name),
          (thrown: unknown): FactsResult => ({ server: server.name, facts: null, error: errorDataOf(thrown) }),
        );
      setInspection(key, { kind: 'done', result });
      if (result.facts !== null) change((form) => withFacts(form, key, result.facts));
    }),
  );
}

function unanswered(server: string): FactsResult {
  return {
    server,
    facts: null,
    error: {
      code: 'deploy.server_unreachable',
      message: `${server} was not inspected.`,
      target: server,
      retryable: true,
    },
  };
}
