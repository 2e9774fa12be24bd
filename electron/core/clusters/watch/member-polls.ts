import { hostOfUrl, isSameHost } from '../../../../shared/model/connect/host-port';
import type { ClusterEntry, RestAccess } from '../../../../shared/model/cluster/cluster-entry';
import { appError, toErrorData } from '../../../../shared/model/app-error';
import type { PatroniClient } from '../../patroni/patroni-client';
import type { ClusterFacts, RestFacts } from '../fold/facts';
import { EMPTY_REST } from '../fold/facts';
import { foldRest } from './rest-facts';
import { RestPoller } from './rest-poller';
import type { WatcherDeps } from './watcher-deps';

interface PolledMember {
  readonly apiUrl: string;
  readonly serverId: string | null;
  readonly client: PatroniClient;
  readonly poller: RestPoller;
}

/** What the polls of a cluster's members work with. */
export interface PollsOptions extends Pick<WatcherDeps, 'now' | 'rest'> {
  readonly everyMs: () => number;
  readonly update: (change: Pick<ClusterFacts, 'rest'>) => void;
}

const HURRY_MS = 300;

/** One poller for each member that has an address; follows the members as they come and go. */
export class MemberPolls {
  readonly #options: PollsOptions;
  readonly #members = new Map<string, PolledMember>();
  #rest = new Map<string, RestFacts>();
  #hurry: NodeJS.Timeout | undefined;

  constructor(options: PollsOptions) {
    this.#options = options;
  }

  /** The addresses wanted now: the DCS's own word first, then a member's listing, then the inventory. */
  sync(facts: ClusterFacts): void {
    const wanted = new Map<string, string>();
    for (const member of facts.entry.members) wanted.set(member.name, member.apiUrl);
    for (const member of facts.listing.answer?.members ?? [])
      if (member.apiUrl !== null) wanted.set(member.name, member.apiUrl);
    for (const [name, { key }] of facts.dcs.members) if (key.apiUrl !== null) wanted.set(name, key.apiUrl);
    for (const name of [...this.#members.keys()]) if (!wanted.has(name)) this.#drop(name);
    for (const [name, apiUrl] of wanted) this.#want(name, apiUrl, facts.entry);
  }

  names(): readonly string[] {
    return [...this.#members.keys()];
  }

  client(name: string): PatroniClient | null {
    return this.#members.get(name)?.client ?? null;
  }

  server(name: string): string | null {
    return this.#members.get(name)?.serverId ?? null;
  }

  nudge(name: string): void {
    this.#members.get(name)?.poller.nudge();
  }

  nudgeAll(): void {
    for (const member of this.#members.values()) member.poller.nudge();
  }

  /** Asks one member again shortly; called with each new state while the answer is awaited. */
  hurry(name: string): void {
    if (this.#hurry !== undefined) return;
    this.#hurry = setTimeout(() => {
      this.#hurry = undefined;
      this.nudge(name);
    }, HURRY_MS);
  }

  async askAll(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member.poller.ask()));
  }

  close(): void {
    clearTimeout(this.#hurry);
    for (const name of [...this.#members.keys()]) this.#drop(name);
  }

  #want(name: string, apiUrl: string, entry: ClusterEntry): void {
    const serverId = serverOf(entry, name, apiUrl);
    const present = this.#members.get(name);
    if (present?.apiUrl === apiUrl && present.serverId === serverId) return;
    this.#drop(name);
    try {
      const { access, confirmed } = accessTo(entry, apiUrl);
      const client = this.#options.rest(name, apiUrl, access, serverId);
      this.#begin(name, apiUrl, serverId, confirmed ? client : readOnly(client, apiUrl));
    } catch (thrown) {
      this.#set(name, { ...EMPTY_REST, error: toErrorData(thrown), failures: 2, failingSince: this.#options.now() });
    }
  }

  #begin(name: string, apiUrl: string, serverId: string | null, client: PatroniClient): void {
    const poller = new RestPoller({
      client,
      everyMs: this.#options.everyMs,
      now: this.#options.now,
      onResult: (result) => {
        this.#set(name, foldRest(this.#rest.get(name) ?? EMPTY_REST, result));
      },
    });
    this.#members.set(name, { apiUrl, serverId, client, poller });
    poller.start();
  }

  #set(name: string, rest: RestFacts): void {
    this.#rest = new Map(this.#rest).set(name, rest);
    this.#options.update({ rest: this.#rest });
  }

  #drop(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    member.poller.stop();
    member.client.close();
    this.#members.delete(name);
  }
}

/**
 * What a member at an address is shown. The password goes to hosts of members with which the user added the cluster, and to no
 * host that only the DCS or another member names: whoever can write there would receive it.
 */
export function accessTo(
  entry: Pick<ClusterEntry, 'members' | 'rest'>,
  apiUrl: string,
): { readonly access: RestAccess; readonly confirmed: boolean } {
  const host = hostOfUrl(apiUrl);
  const confirmed =
    entry.rest.auth === null ||
    entry.members.some((member) => host !== null && isSameHost(hostOfUrl(member.apiUrl) ?? '', host));
  return { access: confirmed ? entry.rest : { ...entry.rest, auth: null }, confirmed };
}

/** The client without its writes, which would need the password. */
function readOnly(client: PatroniClient, apiUrl: string): PatroniClient {
  const { member } = client;
  return {
    member,
    get: (path, timeoutMs) => client.get(path, timeoutMs),
    health: (path, timeoutMs) => client.health(path, timeoutMs),
    write: () =>
      Promise.reject(
        appError(
          'rest.host_unconfirmed',
          `Nothing was sent to ${member}: it is at ${hostOfUrl(apiUrl) ?? apiUrl} now.`,
          {
            target: member,
            hint:
              'The password of the REST API goes only to the hosts with which the cluster was added. If this host is right, ' +
              'search one of its servers and add the cluster again.',
          },
        ),
      ),
    close: () => {
      client.close();
    },
  };
}

/**
 * The server whose connection leads to a member: its own by name, one that the inventory has for the same host,
 * else (a member that joined after the cluster was added) any server of the cluster.
 */
function serverOf(entry: ClusterEntry, name: string, apiUrl: string): string | null {
  const own = entry.members.find((member) => member.name === name);
  if (own !== undefined) return own.serverId;
  const host = hostOfUrl(apiUrl);
  const sameHost = host === null ? undefined : entry.members.find((member) => hostOfUrl(member.apiUrl) === host);
  return (sameHost ?? entry.members.find((member) => member.serverId !== null))?.serverId ?? null;
}
