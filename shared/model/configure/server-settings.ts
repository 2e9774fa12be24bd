import type { AppErrorData } from '../app-error';
import type { ConnectedClient, FileSetting, HbaFileRule, ParameterDefinition, ParameterValue } from './parameter';

/** What one member's PostgreSQL says, or why it could not be asked. `asOf` is ms since the epoch. */
export type MemberSettings =
  | {
      readonly kind: 'known';
      readonly asOf: number;
      /** e.g. 170005 */
      readonly version: number;
      readonly values: Readonly<Record<string, ParameterValue>>;
      readonly fileSettings: readonly FileSetting[];
      readonly hba: readonly HbaFileRule[] | null;
      readonly memberships: Readonly<Record<string, readonly string[]>>;
      readonly clients: readonly ConnectedClient[];
    }
  | { readonly kind: 'unknown'; readonly error: AppErrorData };

/** What the servers of a cluster say of their parameters. */
export interface ServerSettings {
  /** Of the newest PostgreSQL that answered; the app's own table where none did. Sorted by name. */
  readonly definitions: readonly ParameterDefinition[];
  /** Whether a server said so, or the app's own table. */
  readonly from: 'servers' | 'table';
  readonly members: Readonly<Record<string, MemberSettings>>;
}
