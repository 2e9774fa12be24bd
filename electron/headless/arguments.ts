import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { appError } from '../../shared/model/app-error';

/** How the headless host was asked to run. */
export interface HeadlessArguments {
  readonly port: number;
  readonly bind: '127.0.0.1' | '::1';
  readonly demo: boolean;
  readonly open: boolean;
  /** Directories whose files the page may name without a question at the terminal; absolute. */
  readonly files: readonly string[];
}

/** Reads the command line. Throws `app.bad_arguments`; other addresses than loopback are refused: there is no protection for a network. */
export function readArguments(argv: readonly string[]): HeadlessArguments {
  const { values } = parse(argv);
  return {
    port: portOf(values.port ?? '0'),
    bind: bindOf(values.host ?? '127.0.0.1'),
    demo: values.demo ?? false,
    open: values.open ?? false,
    files: (values.files ?? []).map((path) => resolve(path)),
  };
}

function parse(argv: readonly string[]) {
  const options = {
    port: { type: 'string' },
    host: { type: 'string' },
    demo: { type: 'boolean' },
    open: { type: 'boolean' },
    files: { type: 'string', multiple: true },
    headless: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, strict: true });
  } catch (thrown) {
    const why = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : '';
    throw appError('app.bad_arguments', `The command line was not understood: ${why}`, {
      hint: 'Known are --port N, --host 127.0.0.1 or ::1, --files DIRECTORY, --demo and --open.',
    });
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw appError('app.bad_arguments', `--port ${text} is not a port number.`, {
    hint: 'Give a number from 0 (any free port) to 65535.',
  });
}

function bindOf(host: string): '127.0.0.1' | '::1' {
  if (host === '127.0.0.1' || host === 'localhost') return '127.0.0.1';
  if (host === '::1') return '::1';
  throw appError('app.bad_arguments', `--host ${host} is refused: the page is served to this computer only.`, {
    hint: 'To use it from elsewhere, forward the port over SSH: ssh -L 8800:127.0.0.1:8800 this-computer.',
  });
}
