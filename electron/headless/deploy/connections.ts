import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Server, ServerAuth, SudoMode } from '../../../shared/model/connect/server';
import { printSshHop } from '../../../shared/model/connect/ssh-address';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import type { InlineSsh, ServerSpec } from '../../../shared/model/deploy/spec/server-spec';
import { requireServer, wantedBySpec } from '../../../shared/rules/connect/find-server';
import { addressOfInline, loginOfInline } from '../../../shared/rules/connect/inline-ssh';
import type { AskUser, SshQuestion } from '../../core/ssh/authenticate/ask';
import { createHostKeys, knownHostsFiles } from '../../core/ssh/authenticate/host-keys';
import { createRemotePool } from '../../core/ssh/pool/pool';
import type { Remote, RemotePool } from '../../core/ssh/remote';
import { readSshConfig, SYSTEM_SSH_CONFIG } from '../../core/ssh/connect/ssh-config';
import { askTerminal } from './ask-terminal';
import type { SecretsFile } from './secrets-file';

/** The connection to every server of a spec, made from the spec alone or from the inventory. */
export interface SpecConnections {
  readonly pool: RemotePool;
  /** Also of a server that is not in the spec any more: a change that is resumed still works on the one that leaves. */
  connectServer(server: ServerSpec): Remote;
  /** A server of the spec by its name, or one of the inventory. Throws `deploy.server_unknown`. */
  connectNamed(name: string): Remote;
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
    ask: askAtTerminal(input.acceptHostKeys),
    hostKeys: createHostKeys({
      userFiles: knownHostsFiles(home),
      appFile: join(input.dataDirectory, 'known_hosts'),
    }),
    sshConfigText: () => readSshConfig(home, SYSTEM_SSH_CONFIG),
    homeDirectory: home,
    agentSocket: process.env['SSH_AUTH_SOCK'],
    now: Date.now,
  });
  return {
    pool,
    connectServer: (server) => pool.remote(idOf(server)),
    connectNamed: (name) =>
      pool.remote(ids.get(name) ?? requireServer(input.inventory, { by: 'reference', reference: name }, name).id),
  };
}

/** The id of a server's entry; an inline address becomes an entry of its own. */
function enter(server: ServerSpec, entries: Map<string, Server>, inventory: readonly Server[]): string {
  const { ssh } = server;
  if ('server' in ssh) return requireServer(inventory, wantedBySpec(server), server.name).id;
  const id = `spec-${server.name}`;
  const own = ssh.key ?? ownKey(ssh, homedir());
  const key = own === null ? {} : { key: own };
  const jump = addressOfInline(ssh).jump.map((hop, index) => {
    const entry = inlineServer(`${id}-jump-${index}`, printSshHop(hop), { ...hop, ...key, jump: [] }, []);
    entries.set(entry.id, entry);
    return entry.id;
  });
  entries.set(id, inlineServer(id, server.name, { ...ssh, ...key }, jump));
  return id;
}

/** The key that ssh itself would take where a file names none and no agent runs; null where there is none. */
function ownKey({ auth }: InlineSsh, home: string): string | null {
  if (auth !== undefined || process.env['SSH_AUTH_SOCK'] !== undefined) return null;
  const paths = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(home, '.ssh', name));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** The passwords of a server are in the secrets file under its name. */
function inlineServer(id: string, name: string, ssh: InlineSsh, jump: readonly string[]): Server {
  const login = loginOfInline(ssh);
  const auth: ServerAuth =
    login.auth.kind === 'password' ? { kind: 'password', passwordSecret: `ssh:${name}` } : login.auth;
  const sudo: SudoMode =
    login.sudo.kind === 'password' ? { kind: 'password', passwordSecret: `sudo:${name}` } : login.sudo;
  return { ...login, id, name, auth, sudo, jump: [...jump], tags: [] };
}

/** What is asked for, at the beginning of a line. */
const asked = { password: 'Password', passphrase: 'Passphrase', sudo_password: 'sudo password' } as const;

/** Puts the questions of all servers to the user at the terminal, one after the other. */
export function askAtTerminal(acceptHostKeys: boolean): AskUser {
  let asking: Promise<unknown> = Promise.resolve();
  return (question) => {
    const answer = asking.then(() => answerTo(question, acceptHostKeys));
    asking = answer.catch(() => undefined);
    return answer;
  };
}

async function answerTo(question: SshQuestion, acceptHostKeys: boolean): Promise<readonly string[] | null> {
  switch (question.kind) {
    case 'host_key': {
      if (acceptHostKeys) return ['yes'];
      const typed = await askTerminal(
        `${question.serverName} shows the unknown host key ${question.key.fingerprint}. Trust it? (yes/no)`,
        false,
      );
      return typed === 'yes' ? ['yes'] : null;
    }
    case 'prompts':
      return answersTo(question);
    default: {
      const typed = await askTerminal(`${asked[question.kind]} for ${question.serverName}:`, true);
      return typed === null ? null : [typed];
    }
  }
}

async function answersTo(question: Extract<SshQuestion, { kind: 'prompts' }>): Promise<readonly string[] | null> {
  const answers: string[] = [];
  for (const prompt of question.prompts) {
    const typed = await askTerminal(`${question.serverName}: ${prompt.text.trim()}`, !prompt.echo);
    if (typed === null) return null;
    answers.push(typed);
  }
  return answers;
}
