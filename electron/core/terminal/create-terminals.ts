import { randomUUID } from 'node:crypto';
import { appError } from '../../../shared/model/app-error';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { Server } from '../../../shared/model/connect/server';
import type {
  OpenedTerminal,
  TerminalActivity,
  TerminalCluster,
  TerminalEnd,
  TerminalItem,
  TerminalKind,
  TerminalSize,
  TerminalTarget,
} from '../../../shared/model/terminal/terminal';
import { readForeground } from '../../../shared/rules/terminal/foreground';
import { terminalCommandWords } from '../../../shared/rules/terminal/terminal-command';
import type { ClusterHub } from '../clusters/hub';
import type { Inventory } from '../inventory/inventory';
import type { Remote, RemotePool } from '../ssh/remote';
import type { TerminalRecord } from './record-terminal';
import { tabCommand } from './tab-commands';
import { TerminalSession } from './terminal-session';

/** What terminals are opened with. */
export interface TerminalsDeps {
  readonly inventory: Pick<Inventory, 'server' | 'clusters' | 'cluster'>;
  readonly hub: Pick<ClusterHub, 'state'>;
  readonly remotes: Pick<RemotePool, 'remote'>;
  /** Writes into the history that a terminal was opened; there is none without it. */
  readonly record: (record: TerminalRecord) => Promise<void>;
}

/** A terminal to open. `unchecked`: the user knows that what is typed on a server of a read-only cluster is not checked. */
export interface TerminalRequest {
  readonly target: TerminalTarget;
  readonly size: TerminalSize;
  readonly unchecked: boolean;
}

/** Terminals on servers over the one SSH connection of each. Nothing that is typed or shown is logged or kept. */
export interface Terminals {
  /** Rejects with `terminal.read_only`, `terminal.too_many`, `operation.no_ssh`, `inventory.server_unknown` and `ssh.*`. */
  open(request: TerminalRequest): Promise<OpenedTerminal>;
  /** See `TerminalSession.read`; all of these reject with `terminal.gone` when there is no such terminal. */
  read(id: string, from: number, signal?: AbortSignal): AsyncGenerator<TerminalItem, void, void>;
  write(id: string, bytes: Buffer): Promise<void>;
  resize(id: string, size: TerminalSize): void;
  acknowledge(id: string, upTo: number): void;
  activity(id: string): Promise<TerminalActivity>;
  close(id: string): void;
  closeAll(): void;
}

/** sshd allows ten sessions on a connection (MaxSessions); the app's own commands need some of them. */
const MOST_ON_A_SERVER = 5;
/** A terminal that has ended is remembered this long, so that its page still reads the end. ms */
const REMEMBERED_MS = 60_000;
const ACTIVITY_MS = 3_000;
/** Debian's path, where nothing else is known. */
const USUAL_CONFIG = '/etc/patroni/config.yml';

/** The first line of the script that lists processes; who answers in a server's place knows it by this. */
export const PROCESSES_FIRST_LINE = '# matriarch:processes v1';
/** Prints the number of the process that asks, then all processes; it changes nothing. */
const PROCESSES_SCRIPT = `${PROCESSES_FIRST_LINE}
echo "$$"
exec ps -e -o pid=,ppid=,pgid=,tpgid=,tty=,etimes=,comm=
`;

/** Makes the service. */
export function createTerminals(deps: TerminalsDeps): Terminals {
  return new OpenTerminals(deps);
}

/** Where a terminal goes, with what is said about it. */
interface Place {
  readonly server: Server;
  readonly kind: TerminalKind;
  readonly clusters: readonly TerminalCluster[];
  readonly member: string;
  readonly postgresPort: number | null;
  readonly configPath: string;
}

interface Entry {
  readonly session: TerminalSession;
  readonly remote: Remote;
  readonly serverId: string;
}

class OpenTerminals implements Terminals {
  readonly #deps: TerminalsDeps;
  /** In the order in which they were opened. */
  readonly #entries = new Map<string, Entry>();
  /** Openings on one server follow each other, so that their order on the connection is known. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(deps: TerminalsDeps) {
    this.#deps = deps;
  }

  async open({ target, size, unchecked }: TerminalRequest): Promise<OpenedTerminal> {
    const place = placeOf(this.#deps, target);
    if (!unchecked) refuseReadOnly(place);
    const serverId = place.server.id;
    const before = this.#turns.get(serverId) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.#openNow(place, size, unchecked));
    this.#turns.set(serverId, turn);
    return turn;
  }

  read(id: string, from: number, signal?: AbortSignal): AsyncGenerator<TerminalItem, void, void> {
    return this.#entry(id).session.read(from, signal);
  }

  write(id: string, bytes: Buffer): Promise<void> {
    return this.#entry(id).session.write(bytes);
  }

  resize(id: string, size: TerminalSize): void {
    this.#entry(id).session.resize(size);
  }

  acknowledge(id: string, upTo: number): void {
    this.#entry(id).session.acknowledge(upTo);
  }

  async activity(id: string): Promise<TerminalActivity> {
    const entry = this.#entry(id);
    if (entry.session.hasEnded) return { kind: 'idle' };
    const living = this.#livingOn(entry.serverId);
    try {
      const { stdout, exitCode } = await entry.remote.script(PROCESSES_SCRIPT, [], { timeoutMs: ACTIVITY_MS });
      if (exitCode !== 0) return { kind: 'unknown' };
      return readForeground(stdout, living.indexOf(entry), living.length);
    } catch {
      // Closing must not wait for a server that is slow or gone: what runs is then not known.
      return { kind: 'unknown' };
    }
  }

  close(id: string): void {
    this.#entries.get(id)?.session.close();
  }

  closeAll(): void {
    for (const { session } of this.#entries.values()) session.close();
    this.#entries.clear();
  }

  async #openNow(place: Place, size: TerminalSize, unchecked: boolean): Promise<OpenedTerminal> {
    const { server, kind } = place;
    if (this.#livingOn(server.id).length >= MOST_ON_A_SERVER)
      throw appError('terminal.too_many', `${server.name} has ${MOST_ON_A_SERVER} open terminals, which is the most.`, {
        target: server.name,
        hint: 'Close one of them, or run tmux in one.',
      });
    const remote = this.#deps.remotes.remote(server.id);
    const shell = await remote.shell(size, tabCommand(kind, place) ?? undefined);
    const session = new TerminalSession(shell, () => lostEnd(server.name));
    const opened = this.#describe(place);
    try {
      await this.#deps.record({ opened, target: place.member, unchecked });
    } catch (thrown) {
      session.close();
      throw thrown;
    }
    this.#entries.set(opened.id, { session, remote, serverId: server.id });
    void session.done.then(() => {
      setTimeout(() => this.#entries.delete(opened.id), REMEMBERED_MS).unref();
    });
    return opened;
  }

  #describe(place: Place): OpenedTerminal {
    const { server, kind, clusters } = place;
    const jumps = server.jump.flatMap((one) => this.#deps.inventory.server(one) ?? []);
    const command = terminalCommandWords(server, jumps, place);
    return { id: randomUUID(), kind, server: server.name, user: server.user, clusters, command };
  }

  #livingOn(serverId: string): readonly Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.serverId === serverId && !entry.session.hasEnded);
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined)
      throw appError('terminal.gone', 'This terminal is not open any more.', {
        hint: 'Its window was away for too long, or the app was started again. Open a new one.',
      });
    return entry;
  }
}

function lostEnd(server: string): TerminalEnd {
  const error = appError('ssh.connection_lost', `The SSH connection to ${server} was lost while a terminal was open.`, {
    target: server,
    retryable: true,
    hint: 'What ran in it was probably ended by the server. Reconnect opens a new terminal.',
  });
  return { kind: 'lost', error: error.data };
}

function placeOf(deps: TerminalsDeps, target: TerminalTarget): Place {
  if (target.at === 'server') {
    const server = serverOf(deps, target.serverId);
    const clusters = clustersOn(deps, server.id, null);
    return { server, kind: 'shell', clusters, member: server.name, postgresPort: null, configPath: USUAL_CONFIG };
  }
  return placeOnMember(deps, target);
}

function placeOnMember(deps: TerminalsDeps, target: Extract<TerminalTarget, { at: 'member' }>): Place {
  const { clusterId, member: name, kind } = target;
  const entry = deps.inventory.cluster(clusterId);
  const member = memberOf(deps, entry, name);
  if (entry === undefined || member === null)
    throw appError('operation.no_member', `${name} is not a member of this cluster now.`, { target: name });
  const { serverId, postgresPort } = member;
  if (serverId === null)
    throw appError('operation.no_ssh', `${name} is reached without SSH, so no terminal can be opened on it.`, {
      target: name,
      hint: 'Add its server, and choose it for this member under Cluster settings, How members are reached.',
    });
  return {
    server: serverOf(deps, serverId),
    kind,
    clusters: clustersOn(deps, serverId, entry),
    member: name,
    postgresPort,
    configPath: entry.configPath ?? USUAL_CONFIG,
  };
}

/** What is seen of a member now comes before what the inventory remembers. */
function memberOf(
  { hub }: TerminalsDeps,
  entry: ClusterEntry | undefined,
  name: string,
): { readonly serverId: string | null; readonly postgresPort: number | null } | null {
  const known = entry?.members.find((one) => one.name === name);
  const live = entry === undefined ? undefined : hub.state(entry.id)?.members.find((one) => one.name === name);
  if (known === undefined && live === undefined) return null;
  return {
    serverId: live?.serverId ?? known?.serverId ?? null,
    postgresPort: live?.port ?? known?.postgresPort ?? null,
  };
}

function serverOf(deps: TerminalsDeps, serverId: string): Server {
  const server = deps.inventory.server(serverId);
  if (server === undefined)
    throw appError('inventory.server_unknown', 'This server is not in the inventory any more.', { target: serverId });
  return server;
}

/** The clusters that could be changed from a server, by the entries of their members and what is seen of them now. */
function clustersOn(deps: TerminalsDeps, serverId: string, first: ClusterEntry | null): readonly TerminalCluster[] {
  const has = (entry: ClusterEntry): boolean =>
    [...entry.members, ...(deps.hub.state(entry.id)?.members ?? [])].some((member) => member.serverId === serverId);
  const others = deps.inventory.clusters().filter((entry) => entry.id !== first?.id && has(entry));
  return [...(first === null ? [] : [first]), ...others].map(({ id, title, production, readOnly }) => ({
    clusterId: id,
    title,
    production,
    readOnly,
  }));
}

function refuseReadOnly({ server, clusters }: Place): void {
  const titles = clusters.filter(({ readOnly }) => readOnly).map(({ title }) => title);
  if (titles.length === 0) return;
  throw appError(
    'terminal.read_only',
    `${server.name} has a member of ${titles.join(' and ')}, which is set to read-only in this app.`,
    {
      target: server.name,
      hint:
        'What is typed in a terminal is not checked, so it could change the cluster all the same. Open it only if that ' +
        'is what you want.',
    },
  );
}
