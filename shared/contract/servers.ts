import { z } from 'zod';
import type { PromptsUpdate } from '../model/app/prompt';
import { serverAuthSchema, sudoModeSchema, type Server, type SshState } from '../model/connect/server';
import type { TestReport } from '../model/connect/server-test';
import { call, ask, feed, of } from './procedures';

/** What the user fills in for a server; secrets travel once, inward, and go to the vault. */
export const serverInputSchema = z.object({
  name: z.string().min(1).max(120),
  host: z.string().min(1).max(255),
  port: z.number().int().min(1).max(65535).default(22),
  user: z.string().min(1).max(64),
  auth: serverAuthSchema,
  sudo: sudoModeSchema,
  jump: z.array(z.string()).max(8).default([]),
  sshConfigHost: z.string().optional(),
  tags: z.array(z.string()).default([]),
  /** The password or the key's passphrase, as `auth` asks for. */
  secret: z.string().optional(),
  sudoPassword: z.string().optional(),
});
/** What the page sends to keep or to try a server; secrets go to the vault and never come back. */
export type ServerInput = z.input<typeof serverInputSchema>;

const id = z.object({ id: z.string() });

/** The user's servers. */
export const servers = {
  list: ask(of<readonly (Server & { readonly ssh: SshState })[]>()),
  add: call(serverInputSchema, of<Server>()),
  update: call(z.object({ id: z.string(), server: serverInputSchema }), of<Server>()),
  remove: call(id, of<null>()),
  /** Connects, looks at sudo and the clock; never changes anything on the server. */
  test: call(id, of<TestReport>()),
  /** Hosts of ~/.ssh/config, to choose from. */
  sshConfigHosts:
    ask(
      of<
        readonly {
          alias: string;
          host: string;
          user: string | null;
          port: number;
          jump: readonly string[];
          identityFile: string | null;
        }[]
      >(),
    ),
};

/** Questions the core asks while it works. */
export const prompts = {
  watch: feed(of<PromptsUpdate>()),
  answer: call(z.object({ id: z.string(), value: z.string().nullable(), remember: z.boolean() }), of<null>()),
};
