import type { Undo } from '../../../../shared/model/undo';

/** What a command on a simulated server came to. */
export interface ExecOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It goes on: writes more until undone. */
  readonly follow?: (write: (stdout: string, stderr: string) => void) => Undo;
}
