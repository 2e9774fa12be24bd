/** What a password lets in: PostgreSQL as one of Patroni's roles, the REST API, PgBouncer's look-ups, or an application. */
export type PasswordUse = 'superuser' | 'replication' | 'rewind' | 'rest' | 'pooler' | 'application';

/** Where a password stands on a server. */
export interface PasswordPlace {
  readonly server: string;
  /** Null for a file that is not Patroni's. */
  readonly member: string | null;
  readonly path: string;
  /** The keys of the password in the file, e.g. `postgresql.authentication.superuser.password`; none in PgBouncer's list. */
  readonly keys: readonly string[];
}

/** An account whose password may be changed. Its id is `rest`, or `role:` and the name of the role in PostgreSQL. */
export interface PasswordAccount {
  readonly id: string;
  /** A role that Patroni uses for more than one thing has one password, and more than one use. */
  readonly uses: readonly PasswordUse[];
  readonly username: string;
  readonly places: readonly PasswordPlace[];
  /** Why its password cannot be changed by the app; null where it can. */
  readonly refused: string | null;
}

/** Which passwords stand somewhere; `mixed`: some of each, or others. `unknown`: it could not be read just now. */
export type PasswordStanding = 'former' | 'new' | 'mixed' | 'unknown';

/** How far a change has come on one member. */
export interface PasswordProgress {
  /** Its patroni.yml, and PgBouncer's list beside it; null where none of the passwords stands there. */
  readonly files: PasswordStanding | null;
  /** Whether Patroni there was told to read its files again, on the way that the change goes. */
  readonly reloaded: boolean;
}

/** A change of passwords that the app keeps: one that was broken off, or the last one that came to its end. */
export interface PasswordChange {
  /** Ms since the epoch. */
  readonly startedAt: number;
  readonly usernames: readonly string[];
  /** None once a change was taken back, where changes before it are kept. */
  readonly accountIds: readonly string[];
  /** Accounts to which only a change before this one gave a password that the app still keeps. */
  readonly earlier: readonly { readonly id: string; readonly username: string }[];
  /** `back`: the former passwords are put back. */
  readonly way: 'forward' | 'back';
  /** Which passwords PostgreSQL has; null where none of the accounts is a role of PostgreSQL. */
  readonly postgres: PasswordStanding | null;
  readonly members: Readonly<Record<string, PasswordProgress>>;
  /** Which passwords PgBouncer's lists on servers of their own have, by server. */
  readonly poolers: Readonly<Record<string, PasswordStanding>>;
  readonly ended: boolean;
  /** Whether it can neither go on nor be taken back any more: a new change may take its place. */
  readonly lost: boolean;
}

/** A server whose list of PgBouncer is not part of a change of passwords, and why; `server` is the name in the inventory. */
export interface PoolerLeftOut {
  readonly server: string;
  readonly sentence: string;
}

/** The accounts of a cluster, and the change of their passwords that is kept. */
export interface PasswordAccounts {
  readonly accounts: readonly PasswordAccount[];
  /** Known PgBouncers that the guide leaves alone: their lists are changed by hand. */
  readonly leftOut: readonly PoolerLeftOut[];
  /** Servers beside the members whose list of PgBouncer could not be read now: what may stand there is not changed. */
  readonly unread: readonly PoolerLeftOut[];
  /** The configuration of Patroni that patronictl is shown with. */
  readonly configPath: string;
  /** Why none may be changed now; null where they may. */
  readonly refused: string | null;
  readonly change: PasswordChange | null;
}
