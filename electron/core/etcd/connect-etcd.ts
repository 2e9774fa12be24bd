import { printHostPort } from '../../../shared/model/connect/host-port';
import type { AppError } from '../../../shared/model/app-error';
import { appError } from '../../../shared/model/app-error';
import type { EtcdAccess, EtcdEndpoint } from '../../../shared/model/cluster/cluster-entry';
import type { EtcdClient } from './etcd-client';
import { EtcdSession } from './etcd-session';
import type { LinkOptions } from './etcd-link';
import { EtcdLink } from './etcd-link';
import { maintainEtcd } from './etcd-maintenance';
import { readEtcdMembers } from './etcd-members';
import type { OpenedEndpoint } from './open-endpoint';

/** What a connection to etcd is made from. */
export interface EtcdDeps {
  /** Opens the connection to one endpoint, through its server's SSH connection where it has one. May take as long as a login takes. */
  readonly open: (endpoint: EtcdEndpoint) => Promise<OpenedEndpoint>;
  readonly readSecret: (secretId: string) => Promise<string | undefined>;
  readonly now: () => number;
}

async function secret(deps: EtcdDeps, id: string | undefined): Promise<string | undefined> {
  if (id === undefined) return undefined;
  const value = await deps.readSecret(id);
  if (value === undefined)
    throw appError('etcd.auth_failed', 'A secret that etcd needs is no longer in the vault.', {
      hint: 'Enter the etcd password or key of this cluster again.',
    });
  return value;
}

async function linkOptions(
  deps: EtcdDeps,
  access: EtcdAccess,
  endpoint: EtcdEndpoint,
  opened: OpenedEndpoint,
): Promise<LinkOptions> {
  const { tls, auth } = access;
  const key = await secret(deps, tls?.keySecret);
  const password = await secret(deps, auth?.passwordSecret);
  return {
    target: opened.target,
    why: () => opened.why(),
    label: printHostPort(endpoint),
    tls:
      tls === null
        ? null
        : {
            serverName: tls.serverName ?? endpoint.host,
            insecure: tls.insecure ?? false,
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
            ...(tls.cert === undefined ? {} : { cert: tls.cert }),
            ...(key === undefined ? {} : { key }),
          },
    auth: auth === null || password === undefined ? null : { username: auth.username, password },
  };
}

/** Connects to the etcd of a cluster; nothing is dialled before the first watch or call. Close it to end all of it. */
export function connectEtcd(deps: EtcdDeps, access: EtcdAccess): EtcdClient {
  const session = new EtcdSession({
    now: deps.now,
    endpoints: access.endpoints,
    connect: async (endpoint) => {
      const opened = await deps.open(endpoint);
      try {
        return { link: new EtcdLink(await linkOptions(deps, access, endpoint, opened)), close: () => opened.close() };
      } catch (thrown) {
        await opened.close();
        throw thrown;
      }
    },
  });
  return asClient(session, deps.now);
}

function conflict(key: string): AppError {
  return appError('etcd.conflict', `The key ${key} was changed by somebody else in the meantime.`, {
    target: key,
    hint: 'Look at the new value and decide again.',
  });
}

function asClient(session: EtcdSession, now: () => number): EtcdClient {
  return {
    watchPrefix: (prefix, listener, isAwaited = () => true) => session.watch(prefix, listener, isAwaited),
    range: async (prefix) => (await session.live()).range(prefix),
    keys: async (prefix, limit) =>
      (await (await session.live()).range(prefix, { keysOnly: true, limit })).entries.map((entry) => entry.key),
    compareAndSet: async (key, value, modRevision) => {
      if (!(await (await session.live()).compareAndSet(key, value, modRevision))) throw conflict(key);
    },
    removeUnchanged: async (what, revision) => {
      const key = 'key' in what ? what.key : what.prefix;
      if (!(await (await session.live()).deleteUnchanged(what, revision))) throw conflict(key);
    },
    leaseTime: async (lease) => (await session.live()).leaseTime(lease),
    members: (all = true) => readEtcdMembers(session, all),
    maintenance: maintainEtcd(session, now),
    close: () => session.close(),
  };
}
