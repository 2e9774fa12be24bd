/**
 * A command as it arrives: the words after all wrapping, the script it gets on standard input where it is one, and
 * the rest of the input.
 */
export interface ExecCall {
  readonly argv: readonly string[];
  readonly user: string;
  readonly script: string | null;
  readonly stdin: string;
}

/** Takes what a command prints while it runs. */
export type ExecWriter = (text: string, stream: 'stdout' | 'stderr') => void;
