import { REFRESH_LISTS_SCRIPT } from '../../deploy/survey/preflight';
import { WAYS_SCRIPT } from '../../deploy/facts/reach';
import { WHOLE_COPY_EXIT, CLEAR_COPY_SCRIPT } from '../../deploy/resources/cluster/incomplete-copy';
import { offersScript } from '../../deploy/sources/offers-script';
import type { DemoNetwork } from '../network/network';
import type { ExecCall, ExecWriter } from '../ssh/exec-call';
import type { ExecOutcome } from '../ssh/exec-outcome';
import { isFactsScript } from '../ssh/facts';
import { carryOutBatch } from './carry-out';
import { catalogue, packageHost } from './catalogue';
import { machineFacts } from './machine-facts';
import type { BareHost } from './bare-host';

/** What the commands of a bare server work with. */
export interface MachineExecDeps {
  readonly network: () => DemoNetwork;
  readonly belongTo: (host: BareHost, scope: string | null, name: string) => void;
  readonly now: () => number;
  readonly timeScale: number;
}

const done = (stdout: string): ExecOutcome => ({ code: 0, stdout, stderr: '' });

/** Answers what a deployment asks of a bare server; null for a command that every simulated server answers. */
export async function execOnMachine(
  host: BareHost,
  call: ExecCall,
  write: ExecWriter,
  deps: MachineExecDeps,
): Promise<ExecOutcome | null> {
  host.driver.catchUp();
  const { script } = call;
  if (script === null) return call.argv[0] === 'psql' ? runPsql(host, call) : null;
  if (isFactsScript(script)) return done(machineFacts(host, script, deps.now()));
  if (script === WAYS_SCRIPT) return done(tryWays(host, call.argv.slice(1), deps.network()));
  if (script === CLEAR_COPY_SCRIPT) return { code: WHOLE_COPY_EXIT, stdout: '', stderr: '' };
  if (script === offersScript([])) return offers(host, call.argv[1] === 'refresh', deps.now());
  if (script === REFRESH_LISTS_SCRIPT) return refreshLists(host, deps.now());
  return carryOutBatch(host, script, {
    belongTo: deps.belongTo,
    say: write,
    now: deps.now,
    pass: (ms) => new Promise((resolve) => void setTimeout(resolve, ms / deps.timeScale)),
  });
}

/** A label, a host and a port for each way. */
function tryWays(host: BareHost, words: readonly string[], network: DemoNetwork): string {
  const lines: string[] = [];
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [label = '', to = '', port = ''] = words.slice(at, at + 3);
    lines.push(`way\t${label}\t${verdictOf(host, to, Number(port), network)}\n`);
  }
  return lines.join('');
}

function verdictOf(host: BareHost, to: string, port: number, network: DemoNetwork): string {
  if (`${to}:${port}` === packageHost) return host.machine.offline ? 'blocked' : 'open';
  const service = network.find(host, to, port);
  if (typeof service === 'function') return 'open';
  return service.refused === 'Connection refused' ? 'refused' : 'blocked';
}

function offers(host: BareHost, refresh: boolean, now: number): ExecOutcome {
  if (refresh && host.machine.offline)
    return { code: 3, stdout: '', stderr: 'The package lists could not be fetched.\n' };
  if (refresh) host.machine.listsFetchedAt = now;
  if (host.machine.listsFetchedAt === null) return done('');
  const origin = 'http://deb.debian.org/debian trixie/main';
  return done(
    Object.entries(catalogue)
      .map(([name, { version }]) => `offer\t${name}\t${version}\t${origin}\n`)
      .join(''),
  );
}

function refreshLists({ machine }: BareHost, now: number): ExecOutcome {
  if (machine.offline)
    return { code: 100, stdout: '', stderr: 'E: Could not connect to deb.debian.org:80, connection timed out\n' };
  machine.listsFetchedAt = now;
  return done('');
}

function runPsql({ site, member }: BareHost, { argv, stdin }: ExecCall): ExecOutcome {
  if (site === null || member.state !== 'running')
    return {
      code: 2,
      stdout: '',
      stderr: 'psql: error: connection to server on socket failed: No such file or directory\n',
    };
  return site.sql.run(stdin, psqlVariables(argv));
}

/** What `-v` says: a name and a value each. */
function psqlVariables(argv: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    argv
      .filter((_, index) => argv[index - 1] === '-v')
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const),
  );
}
