import { lazy } from 'react';
import type { Undo } from '../../shared/model/undo';

/** How each part that is not on the first screen is loaded. */
const loaders = {
  cluster: () => import('../features/cluster/cluster-page'),
  configure: () => import('../features/configure/configure-tab'),
  topology: () => import('../features/cluster/overview/topology'),
  operate: () => import('../features/operate/operate-dialog'),
  services: () => import('../features/services/services-dialog'),
  jobs: () => import('../features/jobs/jobs-drawer'),
  prompt: () => import('../features/prompts/prompt-dialog'),
  vault: () => import('../features/vault/vault-dialog'),
  demo: () => import('../features/demo/demo-dialog'),
  terminals: () => import('../features/terminal/terminal-dock'),
  palette: () => import('./palette/palette'),
  help: () => import('./keyboard/shortcut-help'),
  connect: () => import('../features/connect/connect-page'),
  direct: () => import('../features/connect/direct-page'),
  alerts: () => import('../features/alerts/alerts-page'),
  servers: () => import('../features/servers/servers-page'),
  history: () => import('../features/history/history-page'),
  settings: () => import('../features/settings/settings-page'),
  deploy: () => import('../features/deploy/deploy-page'),
} as const;

/** One cluster. */
export const ClusterPage = lazy(loaders.cluster);
/** The configuration of a cluster, a tab of its page. */
export const ConfigureTab = lazy(loaders.configure);
/** Connects to a cluster through one of its servers. */
export const ConnectPage = lazy(loaders.connect);
/** Connects to a cluster by addresses that the user knows. */
export const DirectPage = lazy(loaders.direct);
/** What needs somebody now. */
export const AlertsPage = lazy(loaders.alerts);
/** The servers that are known. */
export const ServersPage = lazy(loaders.servers);
/** What was done. */
export const HistoryPage = lazy(loaders.history);
/** The settings. */
export const SettingsPage = lazy(loaders.settings);
/** Setting up a cluster, and its runs. */
export const DeployPage = lazy(loaders.deploy);
/** Every command by its name. */
export const Palette = lazy(loaders.palette);
/** The list of keys. */
export const ShortcutHelp = lazy(loaders.help);
/** The confirmation of an operation. */
export const OperateDialog = lazy(loaders.operate);
/** The services on a member's server. */
export const ServicesDialog = lazy(loaders.services);
/** The jobs that run and ran. */
export const JobsDrawer = lazy(loaders.jobs);
/** The terminals below the page. */
export const TerminalDock = lazy(loaders.terminals);
/** A question that a server asks: host key, password, passphrase. */
export const PromptDialog = lazy(loaders.prompt);
/** Opens the vault, or makes it. */
export const VaultDialog = lazy(loaders.vault);
/** Starts or stops the demo. */
export const DemoDialog = lazy(loaders.demo);

const IDLE_LIMIT_MS = 5_000;

/** What vite tells the window when a part could not be loaded. */
const MISSING = 'vite:preloadError';

/** How a part is loaded: rejects when its file cannot be had. */
export type LoadPart = () => Promise<unknown>;

/**
 * Loads the other parts one after the other whenever the page is idle: in an outage a dialog must not wait for a file.
 * To be called once the first screen is shown. A part that cannot be loaded ahead of need disturbs nothing.
 */
export function loadPartsWhenIdle(page: Window, parts: readonly LoadPart[] = Object.values(loaders)): Undo {
  const waiting = [...parts];
  let handle = 0;
  const next = () => {
    const load = waiting.shift();
    if (load === undefined) return;
    // A part that cannot be loaded now is asked for again when it is needed, and says so then.
    const ask = () => {
      const handOn = keepFromOthers(page);
      load()
        .catch(() => undefined)
        .finally(() => {
          handOn();
          next();
        });
    };
    handle = page.requestIdleCallback(ask, { timeout: IDLE_LIMIT_MS });
  };
  next();
  return () => {
    waiting.length = 0;
    page.cancelIdleCallback(handle);
  };
}

/** Keeps the news of a missing part from whoever would reload the page for it. */
function keepFromOthers(page: Window): Undo {
  const keep = (event: Event) => {
    event.stopImmediatePropagation();
  };
  page.addEventListener(MISSING, keep, { capture: true });
  return () => {
    page.removeEventListener(MISSING, keep, { capture: true });
  };
}

const RELOAD_PAUSE_MS = 10_000;

/**
 * Reloads the page when a part that it needs could not be loaded (its file was replaced, or the network changed), at most
 * once in ten seconds. Nothing is lost: all state is in the core.
 */
export function reloadWhenPartIsMissing(page: Window): void {
  page.addEventListener(MISSING, () => {
    const last = Number(page.sessionStorage.getItem('matriarch.reloaded') ?? 0);
    if (Date.now() - last < RELOAD_PAUSE_MS) return;
    page.sessionStorage.setItem('matriarch.reloaded', String(Date.now()));
    page.location.reload();
  });
}
