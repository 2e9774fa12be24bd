import { DRILL_FAULT_FIRST_LINE, SSH_PORT_SCRIPT } from '../../drill/fault-script';
import { DRILL_SQL } from '../../drill/scratch';
import { DRILL_WRITER, WRITE_EVERY_MS, WRITE_GIVES_UP_MS } from '../../drill/writer-script';
import { injectFault, joinNetwork, reboot, setFrozen } from '../model/faults';
import { answersQueries, isWritable } from '../model/postgres';
import type { Sim } from '../model/sim';
import type { MemberState } from '../model/types';
import type { DemoHost } from '../network/network';
import type { ExecCall } from './exec-call';
import type { ExecOutcome } from './exec-outcome';
import { bindTo, rowsThere, writeRow, type Bound } from '../drill/drill-writes';

const said = (stdout: string): ExecOutcome => ({ code: 0, stdout, stderr: '' });
const failed = (code: number, stderr: string): ExecOutcome => ({ code, stdout: '', stderr: `${stderr}\n` });

/** What a script of a drill comes to on a simulated server; null where it is another script. */
export function answerDrillScript(host: DemoHost, script: string, { argv, stdin }: ExecCall): ExecOutcome | null {
  if (script === SSH_PORT_SCRIPT) return said('22');
  if (script.startsWith(DRILL_FAULT_FIRST_LINE)) return faultStep(host, argv.slice(1));
  if (!script.startsWith(DRILL_WRITER)) return null;
  const step = script.slice(DRILL_WRITER.length + 1).split(' ', 1)[0];
  return writerStep(host, step ?? '', argv.slice(1), stdin);
}

function faultStep({ driver: { sim }, member }: DemoHost, args: readonly string[]): ExecOutcome {
  const [step = '', id = '', fault = '', limit = '0'] = args;
  switch (step) {
    case 'look':
      return said('systemd=yes\nnft=yes\nunit=patroni.service\nrestart=on-failure\npostgres=yes\n');
    case 'arm':
      sim.drill.switches.set(
        id,
        sim.at(sim.now + Number(limit) * 1000, () => heal(sim, member, id)),
      );
      return said('heals=yes\n');
    case 'strike':
      return strike(sim, member, fault);
    case 'heal':
      heal(sim, member, id);
      return said(standing(sim, member, id));
    default:
      return said(standing(sim, member, id));
  }
}

function strike(sim: Sim, member: MemberState, fault: string): ExecOutcome {
  switch (fault) {
    case 'network_cut':
      injectFault(sim, 'partition', member);
      break;
    case 'patroni_frozen':
      setFrozen(sim, member, true);
      break;
    case 'postgres_killed':
      injectFault(sim, 'postgres_crash', member);
      break;
    case 'server_rebooted':
      reboot(sim, member);
      break;
    case 'patroni_killed':
      // systemd starts it again at once, and PostgreSQL goes on meanwhile.
      sim.note(member, 'systemd', 'patroni.service: Main process exited, code=killed, status=9/KILL', 'WARNING');
      break;
    default:
      return failed(35, 'no such fault');
  }
  return said('struck\n');
}

function heal(sim: Sim, member: MemberState, id: string): void {
  const timer = sim.drill.switches.get(id);
  if (timer !== undefined) timer.cancelled = true;
  sim.drill.switches.delete(id);
  joinNetwork(sim, member);
  setFrozen(sim, member, false);
}

function standing(sim: Sim, member: MemberState, id: string): string {
  const patroni = member.frozen ? 'T' : 'S';
  return [
    sim.drill.switches.has(id) ? 'timer=waits' : '',
    member.partitioned ? 'cut=yes' : '',
    `patroni=${member.agent ? patroni : 'none'}`,
    '',
  ].join('\n');
}

/** What psql prints for a drill on a simulated server. */
export function answerDrillSql({ driver: { sim }, member }: DemoHost, input: string): ExecOutcome {
  const what = input.slice(DRILL_SQL.length + 1).split(/\s/, 1)[0];
  if (!answersQueries(member)) return failed(2, 'psql: error: the simulated PostgreSQL does not accept connections');
  if (what === 'directory') return said('/var/lib/postgresql/data\n');
  if (!isWritable(member)) return failed(3, 'ERROR:  cannot execute this in a read-only transaction');
  if (what === 'rows') return said(`${rowLines(sim, member)}end\n`);
  sim.drill.rows = [];
  return said(what === 'setup' ? 'made\n' : 'left 0\n');
}

function rowLines(sim: Sim, leader: MemberState): string {
  const numbers = new Map<string, number[]>();
  for (const { client, way, n } of rowsThere(sim, leader)) {
    const key = `${client} ${way}`;
    numbers.set(key, [...(numbers.get(key) ?? []), n]);
  }
  return [...numbers].map(([key, all]) => `${key} ${all.join(',')}\n`).join('');
}

function writerStep(host: DemoHost, step: string, args: readonly string[], stdin: string): ExecOutcome {
  const { writers } = host.driver.sim.drill;
  const [directory = ''] = args;
  const writer = writers.get(directory);
  switch (step) {
    case 'start':
      return said(`${startWriter(host, args, stdin)}\n`);
    case 'count':
      if (writer === undefined) return failed(44, 'no such directory');
      return said(`clock ${Math.round(host.driver.sim.now * 1e6)}\n${counts(writer.notes())}`);
    case 'end':
      if (writer === undefined) return failed(44, 'no such directory');
      writer.stop();
      return said(`${writer.notes()}end\n`);
    default:
      writer?.stop();
      writers.delete(directory);
      return said('');
  }
}

/** The counts of the notes, by way. */
function counts(notes: string): string {
  return notes
    .split(/^way /m)
    .slice(1)
    .map((block) => {
      const [way = '', ...lines] = block.trimEnd().split('\n');
      return `${way}.log ${lines.length} ${lines.filter((line) => / yes /.test(`${line} `)).length}\n`;
    })
    .join('');
}

interface SimWay {
  readonly kind: string;
  readonly hosts: readonly string[];
  readonly notes: string[];
  bound: Bound | null;
  n: number;
  /** A write that nothing was heard of: since when it waits, ms. */
  waits: { readonly n: number; readonly since: number } | null;
}

function startWriter(host: DemoHost, [limit = '60']: readonly string[], stdin: string): string {
  const { sim } = host.driver;
  const ways = stdin.split('\n').flatMap((line): SimWay[] => {
    const [, kind, hosts] = /^(\w+)\thost='([^']*)'/.exec(line) ?? [];
    if (kind === undefined || hosts === undefined) return [];
    return [{ kind, hosts: hosts.split(','), notes: [], bound: null, n: 0, waits: null }];
  });
  const directory = `/tmp/matriarch-drill-${String(sim.drill.writers.size).padStart(8, 'a')}`;
  const until = sim.now + Number(limit) * 1000;
  const timer = setInterval(() => {
    host.driver.catchUp();
    if (sim.now > until) clearInterval(timer);
    else if (host.member.power) for (const way of ways) tick(host, way);
  }, WRITE_EVERY_MS);
  timer.unref();
  sim.drill.writers.set(directory, {
    notes: () => ways.map(({ kind, notes }) => `way ${kind}\n${notes.join('')}`).join(''),
    stop: () => clearInterval(timer),
  });
  return directory;
}

function tick(host: DemoHost, way: SimWay): void {
  const { sim } = host.driver;
  if (way.waits !== null) {
    if (sim.now - way.waits.since < WRITE_GIVES_UP_MS) return;
    note(sim, way, { ...way.waits, words: 'no answer' });
    way.waits = null;
    way.bound = null;
    return;
  }
  way.n += 1;
  way.bound ??= connect(host, way);
  const write = { n: way.n, since: sim.now };
  if (way.bound === null) return note(sim, way, { ...write, words: 'could not connect to server' });
  const outcome = writeRow(way.bound, { client: 'server', way: way.kind, n: way.n });
  if (outcome === 'silent') return void (way.waits = write);
  note(sim, way, { ...write, words: outcome === 'done' ? null : 'the connection was closed' });
  if (outcome !== 'done') way.bound = null;
}

function note(
  sim: Sim,
  way: SimWay,
  { n, since, words }: { readonly n: number; readonly since: number; readonly words: string | null },
): void {
  const micros = (ms: number): number => Math.round(ms * 1000);
  way.notes.push(`${n} ${micros(since)} ${micros(sim.now)} ${words === null ? 'yes' : `no ${words}`}\n`);
}

function connect({ driver: { sim }, member }: DemoHost, { kind, hosts }: SimWay): Bound | null {
  if (kind !== 'direct') {
    const at = sim.members.find(({ ip }) => hosts.includes(ip)) ?? member;
    return sim.connected(member, at) ? bindTo(sim, at, null) : null;
  }
  const targets = hosts.flatMap((ip) => sim.members.find((one) => one.ip === ip) ?? []);
  const bounds = targets.flatMap((target) => bindTo(sim, member, target) ?? []);
  return bounds.find((bound) => writeRow(bound, null) === 'done') ?? null;
}
