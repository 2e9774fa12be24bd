import type { HostKeyInfo } from '../connect/server';

/** A question the core has for the user while it works. Answers go back by id; `null` declines. */
export type Prompt =
  | {
      readonly id: string;
      readonly kind: 'host_key';
      readonly serverName: string;
      readonly hostKey: HostKeyInfo;
      readonly note?: string;
    }
  | {
      readonly id: string;
      readonly kind: 'secret';
      readonly purpose: 'key_passphrase' | 'password' | 'sudo_password' | 'otp';
      readonly serverName: string;
      readonly text: string;
      readonly attempt: number;
      readonly mayRemember: boolean;
    }
  | {
      readonly id: string;
      readonly kind: 'production_name';
      /** The production cluster that is about to be changed; answered by its name. */
      readonly clusterName: string;
    };

/** What the user answered. */
export interface PromptAnswer {
  /** `yes` for a host key, the secret for a secret, what was typed for a name; null when declined. */
  readonly value: string | null;
  readonly remember: boolean;
}

/** What the stream of prompts carries: all that are open now. */
export type PromptsUpdate = readonly Prompt[];
