import { INSTALL_SCRIPT_FIRST_LINE } from '../../upgrades/install-script';
import { PACKAGES_SCRIPT_FIRST_LINE } from '../../upgrades/packages-script';
import { PGBOUNCER_PAUSE_FIRST_LINE } from '../../upgrades/pgbouncer-script';
import type { DemoHost } from '../network/network';
import { serverVersion } from '../rest/patroni-status';
import type { ExecOutcome } from './exec-outcome';

/** Whether a script is the one that reads packages. */
export function isPackagesScript(script: string): boolean {
  return script.startsWith(PACKAGES_SCRIPT_FIRST_LINE);
}

/** Name, installed version and version that apt offers. */
type Row = readonly [name: string, installed: string, offered: string];

/** An update of PostgreSQL and of HAProxy is on offer, until it was put in place. */
function packagesOf({ driver, member }: DemoHost): readonly Row[] {
  const version = serverVersion(driver.sim);
  const [major, minor] = [Math.floor(version / 10_000), version % 10_000];
  const rows: readonly Row[] = [
    [`postgresql-${major}`, `${major}.${minor}-1.pgdg13+1`, `${major}.${minor + 1}-1.pgdg13+1`],
    [`postgresql-client-${major}`, `${major}.${minor}-1.pgdg13+1`, `${major}.${minor + 1}-1.pgdg13+1`],
    ['patroni', `${driver.sim.spec.version}-1`, `${driver.sim.spec.version}-1`],
    ...(member.hasEtcd ? [['etcd-server', '3.5.16-4+b5', '3.5.16-4+b5'] as const] : []),
    ['haproxy', '3.0.11-1+deb13u1', '3.0.11-1+deb13u2'],
    ['pgbouncer', '1.24.1-1', '1.24.1-1'],
  ];
  const placed = driver.sim.placed.get(member.name)?.versions;
  return rows.map(([name, installed, offered]) => [name, placed?.get(name) ?? installed, offered]);
}

/** What the script prints on a simulated server: the lists of its packages are of this morning. */
export function packagesAnswer(host: DemoHost): string {
  const rows = packagesOf(host);
  const placed = host.driver.sim.placed.get(host.member.name);
  const isOld = placed?.postgresAt != null && host.member.startedAt < placed.postgresAt;
  return [
    ...rows.map(([name, installed]) => `package\t${name}\t${installed}`),
    ...rows.map(([name, , offered]) => `offered\t${name}\t${offered}`),
    'lists\t21600',
    `process\tpostgres\t${isOld ? 'old' : 'new'}`,
    'end\tof packages',
    '',
  ].join('\n');
}

/** So long apt is at work on a simulated server, ms. */
const APT_MS = 1500;

/** What the scripts of an upgrade print on a simulated server; null for another script. */
export function answerUpgradeScript(host: DemoHost, script: string, args: readonly string[]): ExecOutcome | null {
  if (script.startsWith(PGBOUNCER_PAUSE_FIRST_LINE)) return done(args[0] === 'resume' ? 'resumed\n' : 'elsewhere\n');
  if (!script.startsWith(INSTALL_SCRIPT_FIRST_LINE)) return null;
  const [what = '', id = '', ...words] = args;
  switch (what) {
    case 'simulate':
      return done([...words.map((word) => inst(host, word)), 'end 0', ''].join('\n'));
    case 'simulate-add':
      return done([...words.map((word) => addition(word)), 'end 0', ''].join('\n'));
    case 'simulate-take':
      return done([...words.map((word) => `Purg ${word} [demo]`), 'end 0', ''].join('\n'));
    case 'begin':
    case 'begin-add':
      begin(host, id, words, what === 'begin');
      return done('begun\n');
    case 'begin-take':
      take(host, id, words);
      return done('begun\n');
    case 'look':
      return done(standing(host, id, words));
    case 'offers':
      return done([...packagesOf(host).map(([name, installed]) => `offer ${name} ${installed}`), 'end', ''].join('\n'));
    default:
      forget(host, words);
      return done('');
  }
}

const done = (stdout: string): ExecOutcome => ({ code: 0, stdout, stderr: '' });

function inst(host: DemoHost, word: string): string {
  const [name = '', version = ''] = word.split('=');
  const installed = packagesOf(host).find((row) => row[0] === name)?.[1] ?? '';
  return `Inst ${name} [${installed}] (${version} demo [amd64])`;
}

function addition(word: string): string {
  const [name = '', version = ''] = word.split('=');
  return `Inst ${name} (${version} demo [amd64])`;
}

function take({ driver: { sim }, member }: DemoHost, id: string, names: readonly string[]): void {
  const before = sim.placed.get(member.name);
  const versions = new Map([...(before?.versions ?? [])].filter(([name]) => !names.includes(name)));
  sim.placed.set(member.name, { id, at: sim.now, postgresAt: before?.postgresAt ?? null, versions });
}

/** `renews`: what runs is of one of these packages. */
function begin({ driver: { sim }, member }: DemoHost, id: string, words: readonly string[], renews: boolean): void {
  const before = sim.placed.get(member.name);
  const pairs = words.map((word): [string, string] => {
    const [name = '', version = ''] = word.split('=');
    return [name, version];
  });
  sim.placed.set(member.name, {
    id,
    at: sim.now,
    postgresAt: renews && pairs.some(([name]) => /^postgresql-\d/.test(name)) ? sim.now : (before?.postgresAt ?? null),
    versions: new Map([...(before?.versions ?? []), ...pairs]),
  });
}

function standing(host: DemoHost, id: string, names: readonly string[]): string {
  const { sim } = host.driver;
  const placed = sim.placed.get(host.member.name);
  const isThis = placed?.id === id;
  const word = isThis && sim.now - placed.at < APT_MS ? 'running' : 'ended 0';
  const known = packagesOf(host);
  const beside = [...(placed?.versions ?? [])].filter(([name]) => !known.some((row) => row[0] === name));
  const rows = [...known, ...beside].filter(([name]) => names.includes(name));
  return [
    isThis ? word : 'none',
    ...rows.map(([name, installed]) => `package ii  ${name} ${installed}`),
    ...(isThis ? ['out Setting up the packages ...'] : []),
    'end',
    '',
  ].join('\n');
}

function forget({ member }: DemoHost, files: readonly string[]): void {
  const { ownFile } = member;
  if (ownFile === null) return;
  const kept = Object.entries(ownFile.kept).filter(([suffix]) => !files.some((file) => file.endsWith(suffix)));
  member.ownFile = { ...ownFile, kept: Object.fromEntries(kept) };
}
