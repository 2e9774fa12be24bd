import { useSyncExternalStore } from 'react';
import { isViewOf, tabViews, type TabView, type TabWithViews } from './tab-views';

/** The tabs of a cluster's page. */
export const clusterTabs = [
  'overview',
  'events',
  'logs',
  'configuration',
  'postgres',
  'charts',
  'balancers',
  'servers',
  'etcd',
  'health',
  'maintenance',
  'access',
] as const;
/** One of these tabs. */
export type ClusterTab = (typeof clusterTabs)[number];

/** What the tabs are called. */
export const clusterTabNames: Readonly<Record<ClusterTab, string>> = {
  overview: 'Overview',
  events: 'Events',
  logs: 'Logs',
  configuration: 'Configuration',
  postgres: 'PostgreSQL',
  charts: 'Charts',
  balancers: 'Load balancers',
  servers: 'Servers and services',
  etcd: 'etcd',
  health: 'Health',
  maintenance: 'Maintenance',
  access: 'Cluster settings',
};

/** The moment whose logs are shown: ms since the epoch, or that of the last change of the leader. */
export type LogMoment = number | 'last-change';

/**
 * Where the page is; `view` of a cluster is one of its tab's views (tab-views.ts), `at` the moment whose logs are shown, `member` the only
 * one whose logs are. The address is kept in the hash, so that a reload and the back button work in the app and in a browser.
 */
export type Route =
  | { readonly page: 'fleet' }
  | {
      readonly page: 'cluster';
      readonly clusterId: string;
      readonly tab: ClusterTab;
      readonly view?: string;
      readonly at?: LogMoment;
      readonly member?: string;
    }
  | { readonly page: 'connect'; readonly serverId: string | null }
  | { readonly page: 'direct' }
  /** `at` is the rest of the address, which the set-up reads by itself: a draft and its step, a run, a check. */
  | { readonly page: 'deploy'; readonly at?: readonly string[] }
  | { readonly page: 'alerts' }
  | { readonly page: 'servers' }
  | { readonly page: 'history' }
  | { readonly page: 'settings' };

/** The route of a hash such as `#/cluster/ab12/events`; anything unknown leads to the fleet. */
export function parseRoute(hash: string): Route {
  const [page = '', ...rest] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decoded);
  const [first = ''] = rest;
  switch (page) {
    case 'cluster':
      return first === '' ? { page: 'fleet' } : clusterRoute(first, rest.slice(1));
    case 'connect':
      return first === 'direct' ? { page: 'direct' } : { page: 'connect', serverId: first === '' ? null : first };
    case 'deploy':
      return first === '' ? { page: 'deploy' } : { page: 'deploy', at: rest };
    case 'alerts':
      return { page: 'alerts' };
    case 'servers':
      return { page: 'servers' };
    case 'history':
      return { page: 'history' };
    case 'settings':
      return { page: 'settings' };
    default:
      return { page: 'fleet' };
  }
}

function clusterRoute(clusterId: string, [name = '', ...rest]: readonly string[]): Route {
  const tab = clusterTabs.find((one) => one === name) ?? 'overview';
  const [first = '', second = '', third = ''] = rest;
  const cluster = { page: 'cluster' as const, clusterId, tab };
  if (tab !== 'logs') return { ...cluster, ...viewIn(tab, first) };
  return { ...cluster, ...momentOf(first), ...(second === '' ? {} : { member: second }), ...viewIn(tab, third) };
}

function viewIn(tab: ClusterTab, part: string): { readonly view?: string } {
  return hasViews(tab) && isViewOf(tab, part) ? { view: part } : {};
}

/** Whether a tab has views. */
export function hasViews(tab: ClusterTab): tab is TabWithViews {
  return Object.hasOwn(tabViews, tab);
}

function momentOf(part: string): { readonly at?: LogMoment } {
  if (part === 'last-change') return { at: part };
  return /^\d{1,15}$/.test(part) ? { at: Number(part) } : {};
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The hash of a route. */
export function hrefOf(route: Route): string {
  switch (route.page) {
    case 'fleet':
      return '#/';
    case 'cluster':
      return clusterHref(route);
    case 'connect':
      return route.serverId === null ? '#/connect' : `#/connect/${encodeURIComponent(route.serverId)}`;
    case 'direct':
      return '#/connect/direct';
    case 'deploy':
      return ['#/deploy', ...(route.at ?? []).map(encodeURIComponent)].join('/');
    case 'alerts':
    case 'servers':
    case 'history':
    case 'settings':
      return `#/${route.page}`;
  }
}

function clusterHref({ clusterId, tab, view, at, member }: Extract<Route, { readonly page: 'cluster' }>): string {
  const base = `#/cluster/${encodeURIComponent(clusterId)}`;
  const last = view === undefined ? [] : [view];
  if (tab !== 'logs') return [base, ...(tab === 'overview' ? [] : [tab]), ...last].join('/');
  const ofMember = member === undefined && view === undefined ? [] : [encodeURIComponent(member ?? '')];
  const ofMoment = at === undefined && ofMember.length === 0 ? [] : [momentPart(at)];
  return [base, tab, ...ofMoment, ...ofMember, ...last].join('/');
}

function momentPart(at: LogMoment | undefined): string {
  return typeof at === 'number' ? String(Math.round(at)) : (at ?? 'now');
}

/** Goes to a view of a tab of a cluster. */
export function goToView<T extends TabWithViews>(clusterId: string, tab: T, view: TabView<T>): void {
  goTo({ page: 'cluster', clusterId, tab, view });
}

/** Goes to a route. */
export function goTo(route: Route): void {
  window.location.hash = hrefOf(route);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** The present route, followed. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => window.location.hash));
}
