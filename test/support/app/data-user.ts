import { randomUUID } from 'node:crypto';
import { createCore } from '../../../electron/core/app/create-core';
import type { Host } from '../../../electron/core/platform/host';
import { addServer } from '../../../electron/core/inventory/server-drafts';
import { toErrorData } from '../../../shared/model/app-error';

/** What the program says, one JSON value a line: what it found at its start, what it has kept, why it leaves. */
export type DataUserSays =
  | { readonly kind: 'found'; readonly servers: Readonly<Record<string, string>>; readonly secrets: readonly string[] }
  | { readonly kind: 'kept'; readonly server: string; readonly secret: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** Secrets that a cluster has; each is kept anew in turns. */
const names = ['superuser', 'replication', 'rewind', 'rest'] as const;
const CLUSTER = 'c-1';

const say = (what: DataUserSays): void => {
  process.stdout.write(`${JSON.stringify(what)}\n`);
};

/** A keychain that protects nothing: the vault is open without a passphrase, and starts in no time. */
const host: Host = {
  shell: 'headless',
  keychain: {
    backend: 'test',
    encrypt: (plain) => Promise.resolve(Buffer.from(plain)),
    decrypt: (sealed) => Promise.resolve(sealed.toString()),
  },
  notify: () => undefined,
  openExternal: () => Promise.resolve(),
  confirm: () => Promise.resolve(false),
};

/** Keeps servers with passwords, and secrets of a cluster, one after the other until it is killed. */
async function run(dataDirectory: string): Promise<void> {
  const core = await createCore({
    host,
    dataDirectory,
    homeDirectory: dataDirectory,
    version: 'test',
    user: 'tester',
    agentSocket: undefined,
    now: Date.now,
  });
  const { inventory, vault, deployment } = core.services;
  const servers: Record<string, string> = {};
  for (const { name, auth } of inventory.servers())
    servers[name] = (auth.kind === 'password' ? await vault.read(auth.passwordSecret ?? '') : undefined) ?? '';
  const secrets = await Promise.all(names.map((name) => deployment.secrets.read(CLUSTER, name)));
  say({ kind: 'found', servers, secrets: secrets.filter((value) => value !== undefined) });
  for (let turn = 0; ; turn += 1) {
    const server = randomUUID();
    const secret = randomUUID();
    await Promise.all([
      addServer(
        { inventory, secrets: vault },
        {
          name: server,
          host: '192.0.2.1',
          port: 22,
          user: 'admin',
          auth: { kind: 'password' },
          sudo: { kind: 'none' },
          jump: [],
          tags: [],
          secret: server,
        },
      ),
      deployment.secrets.write(CLUSTER, names[turn % names.length] ?? 'rest', secret),
    ]);
    say({ kind: 'kept', server, secret });
  }
}

run(process.argv[2] ?? '').catch((thrown: unknown) => {
  const { code, message } = toErrorData(thrown);
  say({ kind: 'refused', code, message });
  process.exit(1);
});
