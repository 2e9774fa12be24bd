import { toErrorData } from '../../shared/model/app-error';
import { readDeployArguments } from './deploy/arguments';
import { runDeployCommand } from './deploy/commands';
import { sayError } from './deploy/print';

/** Built to dist/deploy/deploy-main.js. Exit codes: 0 as requested, 1 failed or refused, 2 wrong use, 3 there is drift. */
async function main(): Promise<number> {
  const read = readDeployArguments(process.argv.slice(2));
  if ('usage' in read) {
    process.stderr.write(`${read.usage}\n`);
    return 2;
  }
  return runDeployCommand(read);
}

main().then(end, (thrown: unknown) => {
  sayError(toErrorData(thrown));
  end(1);
});

/** A server that does not let go of its connection must not hold the terminal. */
function end(code: number): void {
  process.exitCode = code;
  setTimeout(() => {
    process.exit(code);
  }, 1_000).unref();
}
