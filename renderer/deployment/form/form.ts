import { z } from 'zod';
import {
  clusterSpecSchema,
  type ClusterSpec,
  type ClusterSpecInput,
} from '../../../shared/model/deploy/spec/cluster-spec';
import { serverRoleSchema, serverSpecSchema } from '../../../shared/model/deploy/spec/server-spec';
import { emptyServer, newServerFields, type ServerFields } from '../../server-editor/server-form';
import { serverKey } from './server-key';

/** What is typed to name several servers at once. Its passwords are never part of a draft. */
export interface EntryFields {
  readonly lines: string;
  readonly fields: ServerFields;
}

/** All that the guided set-up keeps: the spec as far as it goes, and what was typed beside it. */
export interface DeployForm {
  /** A spec that may still lack servers, roles or a scope. */
  readonly spec: ClusterSpec;
  readonly entry: EntryFields;
  /** The roles were chosen by hand: servers that are added later do not change them. */
  readonly rolesChosen: boolean;
  /** Parameters were suggested once; later changes are the user's. */
  readonly suggested: boolean;
  /** Keys of the servers whose name is the user's: a inspection does not change it. */
  readonly named: readonly string[];
  /** The key of the server whose PostgreSQL becomes the leader; null where a cluster is made from nothing. */
  readonly convert: string | null;
  /** The run that this form started, to get back from it to the form, and how long it was expected to take, ms. */
  readonly run: { readonly id: string; readonly estimateMs: number } | null;
}

/** Like the spec, but it may lack servers, roles and a scope. */
const looseSpec = clusterSpecSchema.extend({
  scope: z.string().max(63),
  servers: z.array(serverSpecSchema.extend({ roles: z.array(serverRoleSchema) })).max(64),
});

const draftSchema = z.object({
  spec: looseSpec,
  entry: z.object({
    lines: z.string(),
    fields: z.object({
      user: z.string(),
      auth: z.enum(['agent', 'key', 'password', 'keyboard-interactive']),
      keyPath: z.string(),
      sudo: z.enum(['none', 'root', 'passwordless', 'password']),
      jump: z.array(z.string()),
    }),
  }),
  rolesChosen: z.boolean(),
  suggested: z.boolean(),
  named: z.array(z.string()),
  convert: z.string().nullable().default(null),
  run: z.object({ id: z.string(), estimateMs: z.number() }).nullable(),
});

/** What a set-up starts with: one database and its role, everything else as the defaults have it. */
const startInput: Omit<ClusterSpecInput, 'id' | 'servers'> = {
  version: 1,
  scope: 'main',
  users: [{ name: 'app' }],
  databases: [{ name: 'app', owner: 'app' }],
};

/** A form nobody has filled in, for a cluster that gets its id here; `hasAgent` says whether an SSH agent can be reached. */
export function emptyForm(hasAgent = true): DeployForm {
  const form = formOf(looseSpec.parse({ ...startInput, id: crypto.randomUUID(), servers: [] }), false);
  const { auth } = newServerFields(hasAgent);
  return { ...form, entry: { ...form.entry, fields: { ...form.entry.fields, auth } } };
}

/** A form with a spec from a file. Its roles are the user's, and so are its parameters unless the file leaves them open. */
export function formOf(spec: ClusterSpec, chosen: boolean, leavesParameters = !chosen): DeployForm {
  return {
    spec,
    entry: { lines: '', fields: { ...emptyServer, user: 'root', sudo: 'root' } },
    rolesChosen: chosen,
    suggested: !leavesParameters,
    named: chosen ? spec.servers.map(serverKey) : [],
    convert: null,
    run: null,
  };
}

/** The form as a draft keeps it: without the passwords that were typed. */
export function draftOf(form: DeployForm): unknown {
  const { user, auth, keyPath, sudo, jump } = form.entry.fields;
  return { ...form, entry: { lines: form.entry.lines, fields: { user, auth, keyPath, sudo, jump } } };
}

/** The form of a draft, or null when it cannot be read. */
export function formOfDraft(draft: unknown): DeployForm | null {
  const read = draftSchema.safeParse(draft);
  if (!read.success) return null;
  const { entry, ...rest } = read.data;
  return { ...rest, entry: { lines: entry.lines, fields: { ...emptyServer, ...entry.fields } } };
}

/** What a draft is called in lists. */
export function draftTitle(spec: ClusterSpec): string {
  const servers = spec.servers.map((server) => server.name).join(', ');
  const name = spec.title ?? spec.scope;
  return `${name === '' ? 'Unnamed' : name}${servers === '' ? '' : ` on ${servers}`}`.slice(0, 120);
}
