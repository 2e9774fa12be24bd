import type { AnyContractProcedure } from '@orpc/contract';
import type { Contract } from './index';

/**
 * What a call may change outside its answer.
 *
 * - `reads`: nothing. Servers may be asked.
 * - `keeps`: what this app keeps on the workstation, or work of its own that is stopped.
 * - `demo`: the simulated fleet.
 * - `cluster`: the cluster that the input's `clusterId` names.
 * - `spec`: the servers of the input's `spec`.
 * - `run`: the servers of the run that the input's `runId` names.
 * - `terminal`: whatever is typed. Its input's `unchecked` says that the user knows.
 * - `{ of, when }`: `of`, but only where that field of the input is true; else nothing.
 * - `{ of, unlessAction }`: `of`, but nothing where the input's `action` is of that kind.
 */
export type Effect =
  | PlainEffect
  | { readonly of: PlainEffect; readonly when: string }
  | { readonly of: PlainEffect; readonly unlessAction: string };

/** An effect that does not depend on the input. */
export type PlainEffect = 'reads' | 'keeps' | 'demo' | 'cluster' | 'spec' | 'run' | 'terminal';

/** An effect for every procedure of a contract. */
type EffectsOf<T> = T extends AnyContractProcedure ? Effect : { readonly [Name in keyof T]: EffectsOf<T[Name]> };

/**
 * What every procedure of the contract may change. Read-only clusters and the read-only mode are kept by this table, before any
 * handler runs; a procedure without a line does not compile.
 */
export const effects: EffectsOf<Contract> = {
  app: {
    info: 'reads',
    settings: 'reads',
    saveSettings: 'keeps',
    exportInventory: 'reads',
    importInventory: 'keeps',
  },
  vault: { status: 'reads', create: 'keeps', unlock: 'keeps', useSession: 'keeps' },
  servers: { list: 'reads', add: 'keeps', update: 'keeps', remove: 'keeps', test: 'reads', sshConfigHosts: 'reads' },
  prompts: { watch: 'reads', answer: 'keeps' },
  clusters: {
    discover: 'reads',
    addDiscovered: 'keeps',
    addNewGroups: 'keeps',
    addDirect: 'keeps',
    list: 'reads',
    update: 'keeps',
    remove: 'keeps',
    assignServer: 'keeps',
    fleet: 'reads',
    watch: 'reads',
    events: 'reads',
    refresh: 'reads',
  },
  alerts: {
    watch: 'reads',
    acknowledge: 'keeps',
    mute: 'keeps',
    setRule: 'keeps',
    deliveries: 'reads',
    setWebhook: 'keeps',
    setMail: 'keeps',
    testDelivery: 'keeps',
    setQuietHours: 'keeps',
  },
  advice: { watch: 'reads', read: 'reads', setAside: 'keeps', bringBack: 'keeps' },
  backups: {
    read: 'reads',
    previewSetUp: 'reads',
    setUp: 'cluster',
    adopt: 'keeps',
    letGo: 'keeps',
    stop: 'cluster',
    backUp: 'cluster',
    prove: 'cluster',
    previewProofTimer: 'reads',
    proveByTimer: 'cluster',
    stopProofTimer: 'cluster',
    previewRestore: 'reads',
    restore: 'cluster',
  },
  balancers: { read: 'reads', search: 'reads', setServers: 'keeps' },
  certificates: { read: 'reads' },
  configure: {
    settings: 'reads',
    history: 'reads',
    memberFile: 'reads',
    ownParameters: 'reads',
    changeMemberFile: 'cluster',
  },
  passwords: { accounts: 'reads', change: 'cluster', finish: 'cluster', reveal: 'reads' },
  operations: { preview: 'reads', start: 'cluster' },
  services: { read: 'reads', log: 'reads', act: 'cluster' },
  terminals: {
    open: 'terminal',
    output: 'reads',
    write: 'keeps',
    resize: 'keeps',
    acknowledge: 'keeps',
    activity: 'reads',
    close: 'keeps',
  },
  logs: { follow: 'reads', acknowledge: 'keeps', page: 'reads' },
  statistics: {
    view: 'reads',
    follow: 'reads',
    keep: 'keeps',
    prometheus: 'reads',
    usePrometheus: 'keeps',
    fromPrometheus: 'reads',
  },
  diagnostics: { gather: 'reads', save: 'keeps' },
  etcd: { look: 'reads', keys: 'reads', preview: 'reads', act: { of: 'cluster', unlessAction: 'snapshot' } },
  postgres: {
    replication: 'reads',
    activity: 'reads',
    storage: 'reads',
    tables: 'reads',
    statements: 'reads',
    login: 'reads',
    setLogin: 'keeps',
    forgetLogin: 'keeps',
    run: 'reads',
    cancelRun: 'keeps',
    write: 'cluster',
    endSession: 'cluster',
  },
  upgrades: { read: 'reads', preview: 'reads', start: 'cluster', stopped: 'reads', clean: 'cluster' },
  assessments: {
    view: 'reads',
    offers: 'reads',
    preview: 'reads',
    start: 'cluster',
    clean: 'cluster',
    removePackages: 'cluster',
  },
  repair: { preview: 'reads', give: 'reads', start: 'cluster' },
  availability: { months: 'reads', report: 'reads' },
  drills: { view: 'reads', preview: 'reads', start: 'cluster', clean: 'cluster' },
  jobs: { watch: 'reads', cancel: 'keeps' },
  history: { list: 'reads', check: 'reads', export: 'reads' },
  deploy: {
    parse: 'reads',
    print: 'reads',
    validate: 'reads',
    presets: 'reads',
    look: 'reads',
    available: { of: 'spec', when: 'refresh' },
    suggest: 'reads',
    preflight: 'reads',
    fix: 'spec',
    plan: 'reads',
    apply: 'spec',
    rotateCertificates: 'spec',
    check: 'reads',
    undo: 'spec',
    secretNames: 'reads',
    follow: 'keeps',
    setSecret: 'keeps',
    revealSecret: 'reads',
    day2: { spec: 'reads', preview: 'reads', apply: 'spec', standalones: 'reads', adopt: 'reads', keep: 'keeps' },
    runs: { list: 'reads', watch: 'reads', watchAll: 'reads', resume: 'run', spec: 'reads', stop: 'keeps' },
    bundle: { make: 'keeps', check: 'reads' },
    drafts: { list: 'reads', save: 'keeps', remove: 'keeps' },
  },
  demo: { start: 'demo', stop: 'demo', active: 'reads', faults: 'reads', inject: 'demo', heal: 'demo' },
};
