import { z } from 'zod';
import { isHost, toNormalHost } from '../../connect/host-port';
import { isSshHop, SSH_PORT } from '../../connect/ssh-address';

/** What a server does in the cluster. One server may have several roles. */
export const serverRoleSchema = z.enum(['etcd', 'postgres', 'haproxy', 'pgbouncer', 'prometheus']);
/** One of these roles. */
export type ServerRole = z.infer<typeof serverRoleSchema>;

/** How the workstation reaches a server when it is not taken from the inventory. Passwords are asked for, never written here. */
export const inlineSshSchema = z.strictObject({
  host: z.string().min(1).max(255).refine(isHost, 'is not a host name or an IP address').overwrite(toNormalHost),
  port: z.number().int().min(1).max(65535).default(SSH_PORT),
  user: z.string().min(1).max(64).default('root'),
  /** Path of a private key on the workstation; without one the agent is asked. */
  key: z.string().min(1).optional(),
  /** `password`: the login password is asked for. */
  auth: z.enum(['agent', 'key', 'password']).optional(),
  /** How commands become root: the login is root, sudo without a password, sudo with one. */
  sudo: z.enum(['root', 'passwordless', 'password']).optional(),
  /** Jump hosts, outermost first: `user@host:port`. The user of the server logs in where none is written, at port 22. */
  jump: z.array(z.string().min(1).max(320).refine(isSshHop, 'is not of the form user@host:port')).max(8).default([]),
});
/** An address of its own, every default filled in. */
export type InlineSsh = z.infer<typeof inlineSshSchema>;

/** How a server is reached: one of the inventory (by id or name), or an address of its own. */
const sshReferenceSchema = z.union([z.strictObject({ server: z.string().min(1) }), inlineSshSchema]);

/** Patroni's tags of a member. */
const memberTagsSchema = z.strictObject({
  nofailover: z.boolean().optional(),
  failover_priority: z.number().int().min(0).optional(),
  noloadbalance: z.boolean().optional(),
  clonefrom: z.boolean().optional(),
  nosync: z.boolean().optional(),
  replicatefrom: z.string().optional(),
});

/**
 * One server of the cluster. `name` becomes the name of the Patroni member and of the etcd member;
 * `address` is what the other servers reach it by: an IP address of the private network.
 */
export const serverSpecSchema = z.strictObject({
  name: z.string().min(1).max(63),
  ssh: sshReferenceSchema,
  address: z.string().min(1).max(255),
  roles: z.array(serverRoleSchema).min(1),
  tags: memberTagsSchema.default({}),
});
/** One server of the cluster, every default filled in. */
export type ServerSpec = z.infer<typeof serverSpecSchema>;
