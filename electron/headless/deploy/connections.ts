import { homedir } from 'node:os';
import { join } from 'node:path';
import { appError } from '../../../shared/model/app-error';
import type { Server, ServerAuth, SudoMode } from '../../../shared/model/connect/server';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { InlineSsh, ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import type { AskUser, SshQuestion } from '../../core/ssh/authenticate/ask';
import { createHostKeys } from '../../core/ssh/authenticate/host-keys';
import { createRemotePool } from '../../core/ssh/connect/pool';
import type { Remote, RemotePool } from '../../core/ssh/remote';
import { readSshConfig } from '../../core/ssh/connect/ssh-config';
import { askTerminal } from './ask-terminal';
import type { SecretsFile } from './secrets-file';

/** The connection to every server of a spec, made from the spec alone or from the inventory. */
export interface SpecConnections {
  readonly pool: RemotePool;
  /** Also of a server that is not in the spec any more: a change that is resumed still works on the one that leaves. */
  remoteOf(server: ServerSpec): Remote;
  /** A server of the spec by its name, or one of the inventory. Throws `deploy.server_unknown`. */
  remoteNamed(name: string): Remote;
}

/** What connections are made from. */
export interface ConnectionsInput {
  readonly spec: Pick<ClusterSpec, 'servers'>;
  readonly inventory: readonly Server[];
  readonly secrets: SecretsFile | null;
  readonly dataDirectory: string;
  readonly acceptHostKeys: boolean;
}

/** Makes a pool with one entry for each server and each jump host of the spec. */
export function connectSpec(input: ConnectionsInput): SpecConnections {
  const home = homedir();
  const entries = new Map(input.inventory.map((server) => [server.id, server]));
  const ids = new Map<string, string>();
  const idOf = (server: ServerSpec): string => {
    const id = ids.get(server.name) ?? enter(server, entries, input.inventory);
    ids.set(server.name, id);
    return id;
  };
  input.spec.servers.forEach(idOf);
  const pool = createRemotePool({
    servers: (id) => entries.get(id),
    secrets: { read: (id) => Promise.resolve(input.secrets?.extra(id)) },
    ask: answerFor(input),
    hostKeys: createHostKeys({
      userFiles: [join(home, '.ssh', 'known_hosts')],
      appFile: join(input.dataDirectory, 'known_hosts'),
    }),
    sshConfigText: () => readSshConfig(home),
    homeDirectory: home,
    agentSocket: process.env['SSH_AUTH_SOCK'],
    now: Date.now,
  });
  return {
    pool,
    remoteOf: (server) => pool.remote(idOf(server)),
    remoteNamed: (name) => pool.remote(ids.get(name) ?? idNamed(name, input.inventory)),
  };
}

function idNamed(name: string, inventory: readonly Server[]): string {
  const found = inventory.find((entry) => entry.id === name || entry.name === name);
  if (found !== undefined) return found.id;
  throw appError('deploy.server_unknown', `Neither the spec nor the inventory has a server ${name}.`, { target: name });
}

/** The id of a server's entry; an inline connection becomes an entry of its own. */
function enter(server: ServerSpec, entries: Map<string, Server>, inventory: readonly Server[]): string {
  if ('server' in server.ssh) {
    const { server: wanted } = server.ssh;
    const found = inventory.find((entry) => entry.id === wanted || entry.name === wanted);
    if (found === undefined)
      throw appError('deploy.server_unknown', `There is no server ${wanted} in the inventory.`, {
        target: server.name,
        hint: 'Write its address into the spec, or add it in the app.',
      });
    return found.id;
  }
  const id = `spec-${server.name}`;
  const jump = server.ssh.jump.map((text, index) => enterJump(`${id}-jump-${index}`, text, server.ssh, entries));
  entries.set(id, inlineServer(id, server.name, server.ssh, jump));
  return id;
}

function enterJump(id: string, text: string, ssh: ServerSpec['ssh'], entries: Map<string, Server>): string {
  const match = /^(?:([^@]+)@)?([^@]+?)(?::(\d+))?$/.exec(text);
  const inline: InlineSsh = {
    host: match?.[2] ?? text,
    port: Number(match?.[3] ?? 22),
    user: match?.[1] ?? 'root',
    jump: [],
    ...('key' in ssh && ssh.key !== undefined ? { key: ssh.key } : {}),
  };
  entries.set(id, inlineServer(id, text, inline, []));
  return id;
}

function inlineServer(id: string, name: string, ssh: InlineSsh, jump: readonly string[]): Server {
  const keyOrAgent: ServerAuth = ssh.key === undefined ? { kind: 'agent' } : { kind: 'key', keyPath: ssh.key };
  const auth: ServerAuth = ssh.auth === 'password' ? { kind: 'password', passwordSecret: `ssh:${name}` } : keyOrAgent;
  const mode = ssh.sudo ?? (ssh.user === 'root' ? 'root' : 'passwordless');
  const sudo: SudoMode = mode === 'password' ? { kind: 'password', passwordSecret: `sudo:${name}` } : { kind: mode };
  return { id, name, host: ssh.host, port: ssh.port, user: ssh.user, auth, sudo, jump: [...jump], tags: [] };
}

/** What is asked for, at the beginning of a line. */
const asked = { password: 'Password', passphrase: 'Passphrase', sudo_password: 'sudo password' } as const;

function answerFor(input: ConnectionsInput): AskUser {
  return async (question: SshQuestion) => {
    if (question.kind === 'host_key' && input.acceptHostKeys) return ['yes'];
    if (question.kind === 'host_key') {
      const typed = await askTerminal(
        `${question.serverName} shows the unknown host key ${question.key.fingerprint}. Trust it? (yes/no)`,
        false,
      );
      return typed === 'yes' ? ['yes'] : null;
    }
    if (question.kind === 'prompts') {
      const answers = await Promise.all(
        question.prompts.map((prompt) => askTerminal(`${question.serverName}: ${prompt.text.trim()}`, !prompt.echo)),
      );
      return answers.some((answer) => answer === null) ? null : answers.map((answer) => answer ?? '');
    }
    const typed = await askTerminal(`${asked[question.kind]} for ${question.serverName}:`, true);
    return typed === null ? null : [typed];
  };
}
