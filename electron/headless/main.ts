import { readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { toErrorData } from '../../shared/model/app-error';
import { dataDirectory, thisPlace } from '../core/platform/data-directory';
import { keepHeapSmall } from '../core/platform/heap';
import { guardProcess } from '../core/platform/last-resort';
import { readArguments } from './arguments';
import { openBrowser, startBrowser } from './open-browser';
import { runHeadless } from './run';
import { openTerminal } from './terminal';

/** Built to dist/headless/main.js; the page lies beside it in dist/renderer. */
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

async function main(): Promise<void> {
  keepHeapSmall();
  const options = readArguments(process.argv.slice(2));
  const directory = dataDirectory(thisPlace());
  const terminal = openTerminal();
  const app = await runHeadless(options, {
    dataDirectory: directory,
    homeDirectory: homedir(),
    pageRoot: here('../renderer'),
    version: version(),
    user: userInfo().username,
    agentSocket: process.env['SSH_AUTH_SOCK'],
    ask: terminal.ask,
  });
  guardProcess(app.core.log, () => {
    process.stderr.write(
      'Matriarch met an unexpected error and ends; the log in its data directory says more. ' +
        'Jobs that are running are shown as interrupted at the next start.\n',
    );
    process.exit(1);
  });
  const leave: (() => Promise<void>)[] = [() => app.close()];
  endWithSignals(leave);
  const url = app.server.newUrl();
  process.stdout.write(`Matriarch is at ${url}\n`);
  if (options.open) leave.push(await openBrowser(directory, app.server.newUrl(), startBrowser));
  terminal.onLine(() => {
    process.stdout.write(`A new link: ${app.server.newUrl()}\n`);
  });
}

function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(here('../../package.json'), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '';
}

/** The second signal ends at once; so does a core that takes longer than ten seconds. */
function endWithSignals(leave: readonly (() => Promise<void>)[]): void {
  let ending = false;
  const end = (): void => {
    if (ending) process.exit(130);
    ending = true;
    setTimeout(() => {
      process.exit(1);
    }, 10_000).unref();
    Promise.all(leave.map((each) => each())).then(
      () => {
        process.exit(0);
      },
      () => {
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}

main().catch((thrown: unknown) => {
  const error = toErrorData(thrown);
  process.stderr.write(`${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}\n`);
  process.exitCode = 1;
});
