/**
 * One file of a member's own configuration as the page gets it. Secrets in `text` are replaced by masks, which the core takes back for
 * what they stand for.
 */
export interface MemberFileText {
  readonly path: string;
  /** null where it cannot be shown; `locked` says why. */
  readonly text: string | null;
  /** SHA-256 of the file's bytes, hex: who writes names it, so that nobody's change is lost. */
  readonly sha: string;
  /** Why it cannot be edited here; null where it can. */
  readonly locked: string | null;
  /** Owner, group and octal mode, e.g. `postgres:postgres 600`; null where that is not known. */
  readonly placement: string | null;
  /** Whether the text before the last change lies beside it. */
  readonly hasBackup: boolean;
}

/** A member's own configuration: its files, its environment, and what Patroni makes of them. `asOf` is ms since the epoch. */
export interface MemberFileView {
  readonly member: string;
  readonly server: string;
  readonly asOf: number;
  /** The file or the directory that Patroni is started with; '' where its environment alone configures it. */
  readonly startedWith: string;
  /** Whom Patroni runs as; null where that is not known. */
  readonly user: string | null;
  readonly files: readonly MemberFileText[];
  /** PATRONI_* of the service; secrets are masked. They win over every file. */
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  /** What Patroni reads, put together, as YAML without secrets; null where it cannot be read. */
  readonly merged: string | null;
  /** Who put it together: Patroni itself, or this app by Patroni's rules where Patroni could not be asked. */
  readonly mergedBy: 'patroni' | 'matriarch';
  /** Why the configuration does not read; null where it does. */
  readonly refused: string | null;
}

/** What a member's own configuration sets of PostgreSQL, or why it is not known. */
export type OwnParameters =
  | {
      readonly kind: 'known';
      readonly asOf: number;
      /** By name; `file` is the last one that sets it. Secrets are masked. */
      readonly parameters: Readonly<Record<string, { readonly value: unknown; readonly file: string }>>;
    }
  | { readonly kind: 'unknown'; readonly sentence: string };

/** The end of the name of what a changed file was before. */
export const BACKUP_SUFFIX = '.matriarch-backup';
