import { z } from 'zod';
import type { AppErrorData } from '../app-error';

/**
 * What runs in a terminal: the login shell, psql as the user postgres on the member's own PostgreSQL, or a shell as that user
 * in which patronictl knows the member's configuration.
 */
export const terminalKindSchema = z.enum(['shell', 'psql', 'patronictl']);
/** What runs in a terminal. */
export type TerminalKind = z.infer<typeof terminalKindSchema>;

/** Where a terminal opens: on a server of the inventory, or on the server of a cluster's member. */
export const terminalTargetSchema = z.discriminatedUnion('at', [
  z.object({ at: z.literal('server'), serverId: z.string().min(1).max(400) }),
  z.object({
    at: z.literal('member'),
    clusterId: z.string().min(1).max(400),
    member: z.string().min(1).max(400),
    kind: terminalKindSchema,
  }),
]);
/** Where a terminal opens. */
export type TerminalTarget = z.infer<typeof terminalTargetSchema>;

/** The size of a terminal in characters. */
export const terminalSizeSchema = z.object({
  columns: z.number().int().min(1).max(2_000),
  rows: z.number().int().min(1).max(1_000),
});
/** The size of a terminal in characters. */
export type TerminalSize = z.infer<typeof terminalSizeSchema>;

/** A cluster that has a member on the server of a terminal. */
export interface TerminalCluster {
  readonly clusterId: string;
  readonly title: string;
  readonly production: boolean;
  readonly readOnly: boolean;
}

/** A terminal that is open. */
export interface OpenedTerminal {
  readonly id: string;
  readonly kind: TerminalKind;
  /** The server's name in the inventory. */
  readonly server: string;
  /** Whom it logs in as there. */
  readonly user: string;
  /** What a person would type for the same in a terminal of their own. */
  readonly command: string;
  /** The clusters with a member on this server; that of the target first. */
  readonly clusters: readonly TerminalCluster[];
}

/** How a terminal ended. */
export type TerminalEnd =
  /** What ran in it ended: by an exit code, or by a signal (e.g. `KILL`), with null in the other. */
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null }
  /** The connection went, so nobody knows what became of what ran. */
  | { readonly kind: 'lost'; readonly error: AppErrorData }
  /** It was closed from here. */
  | { readonly kind: 'closed' };

/** A piece of a terminal's output, bytes in base64, or its end, which is the last item. */
export type TerminalItem =
  { readonly kind: 'output'; readonly data: string } | { readonly kind: 'ended'; readonly end: TerminalEnd };

/** What runs in a terminal beside its shell. `unknown`: the server did not say in time. */
export type TerminalActivity =
  { readonly kind: 'idle' } | { readonly kind: 'busy'; readonly command: string } | { readonly kind: 'unknown' };
