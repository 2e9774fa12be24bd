import { z } from 'zod';
import {
  terminalSizeSchema,
  terminalTargetSchema,
  type OpenedTerminal,
  type TerminalActivity,
  type TerminalItem,
} from '../model/terminal/terminal';
import { call, of, stream } from './procedures';

const ofTerminal = z.object({ id: z.string().max(100) });
const byteCount = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Terminals on servers. Bytes travel in base64: neither the WebSocket's nor the port's messages carry them in a stream. */
export const terminals = {
  /**
   * Opens one. Rejects with `terminal.read_only` for a server with a member of a read-only cluster, unless `unchecked` says
   * that the user knows that nothing typed there is checked.
   */
  open: call(
    z.object({ target: terminalTargetSchema, size: terminalSizeSchema, unchecked: z.boolean().default(false) }),
    of<OpenedTerminal>(),
  ),
  /**
   * The output after the first `from` bytes, until the terminal ends. A second reader takes the place of the first. Output
   * that was not acknowledged is sent again to a reader that asks for it, and no more comes than a window of it.
   */
  output: stream(ofTerminal.extend({ from: byteCount }), of<TerminalItem>()),
  /** What was typed; resolves when the server has taken it. It is neither logged nor kept. */
  write: call(ofTerminal.extend({ data: z.string().max(100_000) }), of<null>()),
  resize: call(ofTerminal.extend({ size: terminalSizeSchema }), of<null>()),
  /** The first `upTo` bytes of the output were shown, so the server may send more. */
  acknowledge: call(ofTerminal.extend({ upTo: byteCount }), of<null>()),
  /** What runs there now beside the shell, so that closing it can ask. */
  activity: call(ofTerminal, of<TerminalActivity>()),
  /** Ends it and what runs in it. */
  close: call(ofTerminal, of<null>()),
};
