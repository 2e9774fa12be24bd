import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateFile, writePrivateFile } from '../platform/private-file';
import type { Secrets } from '../vault/secrets';

/** Ids of secrets: the new password, the former one, and how PostgreSQL and PgBouncer's lists held it before (`FormerState`). */
const accountSchema = z.object({
  id: z.string(),
  username: z.string(),
  next: z.string(),
  former: z.string().nullable(),
  before: z.string(),
});

/** A password that a change before gave to an account which is not in this one: maybe nothing else has it. */
const earlierSchema = accountSchema.pick({ id: true, username: true, next: true });

const changeSchema = z.object({
  version: z.literal(1),
  startedAt: z.number(),
  accounts: z.array(accountSchema),
  way: z.enum(['forward', 'back']),
  /** Whether anything may have been written to a server. */
  begun: z.boolean(),
  /** The members whose Patroni was told to read its files again, on this way. */
  reloaded: z.array(z.string()),
  ended: z.boolean(),
  earlier: z.array(earlierSchema).default([]),
});

const recordSchema = changeSchema.extend({
  /** The change before, as long as nothing of this one was written: it comes back where this one is refused. */
  replaced: changeSchema.nullable().default(null),
});

/** A change of passwords as it is kept on disk: how far it has come, and never a password. */
export type PasswordRecord = z.infer<typeof recordSchema>;

const formerSchema = z.object({ verifier: z.string(), listed: z.record(z.string(), z.string()) });
/** What PostgreSQL had for a role before, and PgBouncer's list on each server. */
export type FormerState = z.infer<typeof formerSchema>;

/** Keeps the one change of each cluster, and its secrets. What belongs to the demo is kept in memory. */
export interface PasswordStore {
  read(clusterId: string): Promise<PasswordRecord | null>;
  /** Writes it over the one that is there; then the secrets are removed that only that one had. */
  write(clusterId: string, record: PasswordRecord): Promise<void>;
  /** Removes a change with its secrets. */
  forget(clusterId: string): Promise<void>;
  keep(clusterId: string, purpose: string, value: string): Promise<string>;
  /** Null where the vault has it no more. */
  secret(clusterId: string, id: string): Promise<string | null>;
}

/** The store on disk, with secrets in the vault. */
export function createPasswordStore(deps: {
  readonly directory: string;
  readonly vault: Pick<Secrets, 'read' | 'put' | 'remove'>;
  readonly isTemporary: (clusterId: string) => boolean;
}): PasswordStore {
  const { vault, isTemporary } = deps;
  const records = new Map<string, PasswordRecord>();
  const secrets = new Map<string, string>();
  const pathOf = (clusterId: string): string => join(deps.directory, `${encodeURIComponent(clusterId)}.json`);
  const read = async (clusterId: string): Promise<PasswordRecord | null> => {
    if (isTemporary(clusterId)) return records.get(clusterId) ?? null;
    const text = await readPrivateFile(pathOf(clusterId));
    return text === null ? null : recordSchema.parse(JSON.parse(text));
  };
  const remove = async (ids: readonly string[]): Promise<void> => {
    for (const id of new Set(ids)) if (!secrets.delete(id)) await vault.remove(id);
  };
  return {
    read,
    write: async (clusterId, record) => {
      const replaced = await read(clusterId);
      if (isTemporary(clusterId)) records.set(clusterId, record);
      else await writePrivateFile(pathOf(clusterId), JSON.stringify(record, null, 2));
      const kept = new Set(secretIds(record));
      if (replaced !== null) await remove(secretIds(replaced).filter((id) => !kept.has(id)));
    },
    forget: async (clusterId) => {
      const record = await read(clusterId);
      if (record === null) return;
      records.delete(clusterId);
      if (!isTemporary(clusterId)) await rm(pathOf(clusterId), { force: true });
      await remove(secretIds(record));
    },
    keep: async (clusterId, purpose, value) => {
      if (!isTemporary(clusterId)) return vault.put(purpose, value);
      const id = `demo-password-${secrets.size}-${clusterId}`;
      secrets.set(id, value);
      return id;
    },
    secret: async (_clusterId, id) => secrets.get(id) ?? (await vault.read(id)) ?? null,
  };
}

function secretIds({ replaced, ...own }: PasswordRecord): readonly string[] {
  return [own, ...(replaced === null ? [] : [replaced])].flatMap(({ accounts, earlier }) => [
    ...accounts.flatMap(({ next, former, before }) => [next, before, ...(former === null ? [] : [former])]),
    ...earlier.map(({ next }) => next),
  ]);
}

/** The passwords that the changes so far gave, by account; what comes after them keeps them readable. One that never began gave none. */
export function passwordsGiven(record: PasswordRecord | null): PasswordRecord['earlier'] {
  if (record === null) return [];
  const last = record.begun ? record.accounts.map(({ id, username, next }) => ({ id, username, next })) : [];
  return [...record.earlier.filter(({ id }) => !last.some((one) => one.id === id)), ...last];
}

/**
 * Whether a change that was broken off can neither go on nor be taken back any more: one of its accounts is not there, or the vault has
 * not what either way needs. Rejects with `vault.locked` where that cannot be said.
 */
export async function isLost(
  store: Pick<PasswordStore, 'secret'>,
  clusterId: string,
  record: PasswordRecord,
  accounts: readonly { readonly id: string }[],
): Promise<boolean> {
  if (record.ended) return false;
  const isKept = async (secretId: string): Promise<boolean> => (await store.secret(clusterId, secretId)) !== null;
  let [forward, back] = [true, true];
  for (const { id, next, former, before } of record.accounts) {
    if (!accounts.some((one) => one.id === id) || !(await isKept(before))) return true;
    forward &&= await isKept(next);
    back &&= former === null || (await isKept(former));
  }
  return !forward && !back;
}

/** What a new change keeps of the one before it, until something of the new one is written: all of it, with its way back. */
export function replacedBy(record: PasswordRecord | null): PasswordRecord['replaced'] {
  if (record === null) return null;
  const { replaced, ...own } = record;
  return own.begun ? own : replaced;
}

/** Removes a change that was taken back, or never begun. What was given before it stays, and so does one that it never replaced. */
export async function dropChange(store: PasswordStore, clusterId: string): Promise<void> {
  const record = await store.read(clusterId);
  if (record !== null && record.replaced !== null)
    return store.write(clusterId, { ...record.replaced, replaced: null });
  if (record === null || record.earlier.length === 0) return store.forget(clusterId);
  return store.write(clusterId, { ...record, accounts: [], way: 'forward', begun: true, reloaded: [], ended: true });
}

/** The former state of an account from its secret. */
export function parseFormerState(text: string): FormerState {
  return formerSchema.parse(JSON.parse(text));
}
