import { z } from 'zod';
import type { AppErrorData } from '../app-error';

/** How the app proves who it is to a server. Secrets are named by their id in the vault, never held here. */
export const serverAuthSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent') }),
  z.object({ kind: z.literal('key'), keyPath: z.string().min(1), passphraseSecret: z.string().optional() }),
  z.object({ kind: z.literal('password'), passwordSecret: z.string().optional() }),
  z.object({ kind: z.literal('keyboard-interactive'), passwordSecret: z.string().optional() }),
]);
/** How the user logs in. */
export type ServerAuth = z.infer<typeof serverAuthSchema>;

/** How commands become root on a server: not at all, the login is root, sudo without a password, sudo with one. */
export const sudoModeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('root') }),
  z.object({ kind: z.literal('passwordless') }),
  z.object({ kind: z.literal('password'), passwordSecret: z.string().optional() }),
]);
/** How commands become root. */
export type SudoMode = z.infer<typeof sudoModeSchema>;

/** A server of the inventory. `jump` lists server ids, outermost first; an empty list is a direct connection. */
export const serverSchema = z.object({
  id: z.string().min(1),
  name: z.string().min(1).max(120),
  host: z.string().min(1).max(255),
  port: z.number().int().min(1).max(65535),
  user: z.string().min(1).max(64),
  auth: serverAuthSchema,
  sudo: sudoModeSchema,
  jump: z.array(z.string()).max(8),
  /** An alias of ~/.ssh/config to take host, user, port, key and ProxyJump from, where the fields above leave them open. */
  sshConfigHost: z.string().optional(),
  tags: z.array(z.string()).default([]),
});
/** A server as the inventory remembers it. */
export type Server = z.infer<typeof serverSchema>;

/** The state of the one SSH connection to a server. */
export type SshState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly since: number; readonly attempt: number }
  | { readonly kind: 'connected'; readonly since: number }
  | { readonly kind: 'waiting_for_answer'; readonly since: number; readonly question: string }
  | { readonly kind: 'lost'; readonly since: number; readonly retryAt: number | null; readonly error: AppErrorData };

/** A host key as it is shown to the user before it is trusted. */
export interface HostKeyInfo {
  readonly host: string;
  readonly port: number;
  /** e.g. `ssh-ed25519` */
  readonly algorithm: string;
  /** `SHA256:...` as OpenSSH prints it. */
  readonly fingerprint: string;
}
