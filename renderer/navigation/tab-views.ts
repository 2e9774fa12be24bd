/**
 * The views within the tabs of a cluster's page, by what they are called there. A tab shows those that stand here and no others, and each
 * has an address and an entry in the palette. Views of the logs show one program alone; those of etcd open the form of an action.
 */
export const tabViews = {
  events: { recorder: 'Event recorder', timelines: 'Timelines' },
  logs: {
    patroni: 'Patroni',
    postgresql: 'PostgreSQL',
    etcd: 'etcd',
    haproxy: 'HAProxy',
    pgbouncer: 'PgBouncer',
    keepalived: 'keepalived',
    system: 'system',
  },
  configuration: {
    form: 'Form',
    yaml: 'YAML',
    hba: 'pg_hba',
    sync: 'Synchronous mode',
    slots: 'Slots',
    member: 'patroni.yml',
    passwords: 'Passwords',
    history: 'History',
    review: 'Review',
  },
  postgres: {
    replication: 'Replication and slots',
    activity: 'Activity',
    locks: 'Locks',
    storage: 'Databases',
    statements: 'Statements',
    query: 'Query',
  },
  charts: { 'min-15': '15 min', 'h-1': '1 h', 'h-6': '6 h', 'h-24': '24 h', 'd-7': '7 d', 'd-30': '30 d' },
  health: {
    advice: 'Advice',
    certificates: 'Certificates',
    availability: 'Availability',
    prometheus: 'Prometheus',
    bundle: 'Diagnostic bundle',
  },
  maintenance: {
    drill: 'Drill',
    repair: 'Repair',
    backups: 'Backups',
    standby: 'Standby cluster',
    upgrade: 'Upgrades',
  },
  etcd: {
    snapshot: 'Save a snapshot',
    defragment: 'Defragment every member',
    compact: 'Compact',
    free_space: 'Free space (compact, defragment, disarm)',
    disarm: 'Disarm the alarm',
    add_member: 'Add a member',
  },
} as const;

/** A tab that has views. */
export type TabWithViews = keyof typeof tabViews;
/** The key of a view of a tab. */
export type TabView<T extends TabWithViews> = keyof (typeof tabViews)[T] & string;

/** The views of a tab in the order in which they are shown. */
export function viewsOf<T extends TabWithViews>(tab: T): readonly TabView<T>[] {
  return Object.keys(tabViews[tab]).filter((view) => isViewOf(tab, view));
}

/** Whether a part of an address names a view of a tab. */
export function isViewOf<T extends TabWithViews>(tab: T, view: string | null): view is TabView<T> {
  return view !== null && Object.hasOwn(tabViews[tab], view);
}
