import type { DemoHost } from '../network/network';
import { postgresMajor } from '../rest/patroni-status';
import { shellWords } from './shell-words';

/** A line that every script of the facts ends with, and no other script has. */
const MARK = "say end 'of facts'";

/** Whether a script is the one that inspects a server before a deployment. */
export function isFactsScript(script: string): boolean {
  return script.trimEnd().endsWith(MARK);
}

/**
 * What an inspection of a simulated server gives, in the form of facts-script.ts: a Debian on which the cluster's own
 * packages are installed.
 */
export function factsAnswer(host: DemoHost, script: string, files: Readonly<Record<string, string>>): string {
  const { member, driver } = host;
  const asked = (name: string): readonly string[] => wordsOf(script, name);
  const rows: readonly (readonly string[])[] = [
    ['clock', `${driver.sim.now}000000`],
    ['root', '0'],
    ['host', member.name],
    ['hostaddr', member.ip],
    ['addr', '127.0.0.1'],
    ['addr', member.ip],
    ['os', 'debian', '13', 'trixie', 'Debian GNU/Linux 13 (trixie)'],
    ['arch', 'amd64'],
    ['systemd', 'yes'],
    ['cpus', '4'],
    ['memory', '8388608'],
    ['disk', '/', '/dev/vda1', '104857600', '73400320'],
    ['disk', '/var/lib', '/dev/vda1', '104857600', '73400320'],
    ['locale', 'C.utf8'],
    ['lists', '600'],
    ...listening(host),
    ...['root', 'postgres', ...(member.hasEtcd ? ['etcd'] : [])].flatMap((name) => [
      ['user', name],
      ['group', name],
    ]),
    ...asked('PKGS').flatMap((name) => packageRows(host, name)),
    ...asked('UNITS').map((unit) => unitRow(host, unit)),
    ...pathsOf(script).flatMap((path) => pathRows(path, files[path])),
    ['pgdata', `/var/lib/postgresql/${postgresMajor(driver.sim)}/main`, String(postgresMajor(driver.sim)), 'running'],
    ...(member.hasEtcd ? [['etcddata', '/var/lib/etcd/default']] : []),
    ['end', 'of facts'],
  ];
  return rows.map((row) => `${row.join('\t')}\n`).join('');
}

/** The words of a variable at the head of the script. */
export function wordsOf(script: string, name: string): readonly string[] {
  const line = script.split('\n').find((one) => one.startsWith(`${name}=`)) ?? '';
  return (shellWords(line.slice(name.length + 1))[0] ?? '').split(/\s+/).filter((word) => word !== '');
}

/** The paths that the script is asked to look at. */
export function pathsOf(script: string): readonly string[] {
  return shellWords(script.split('\n')[0] ?? '').slice(2);
}

function listening({ member }: DemoHost): string[][] {
  const ports: readonly (readonly [number, string])[] = [
    [8008, 'patroni'],
    [5432, 'postgres'],
    ...(member.hasEtcd
      ? ([
          [2379, 'etcd'],
          [2380, 'etcd'],
        ] as const)
      : []),
  ];
  return ports.map(([port, process]) => ['port', `${member.ip}:${port}`, `users:(("${process}",pid=812,fd=4))`]);
}

function packageRows({ driver, member }: DemoHost, name: string): string[][] {
  const major = postgresMajor(driver.sim);
  const known: Readonly<Record<string, string>> = {
    [`postgresql-${major}`]: `${major}.5-1`,
    [`postgresql-client-${major}`]: `${major}.5-1`,
    patroni: `${driver.sim.spec.version}-1`,
    ...(member.hasEtcd ? { 'etcd-server': '3.5.16-4', 'etcd-client': '3.5.16-4' } : {}),
  };
  const version = known[name];
  return version === undefined
    ? []
    : [
        ['pkg', name, version],
        ['candidate', name, version],
      ];
}

function unitRow({ member }: DemoHost, unit: string): string[] {
  const here = unit === 'patroni.service' || (unit === 'etcd.service' && member.hasEtcd);
  if (!here) return ['unit', unit, 'not-found', '', 'inactive'];
  return ['unit', unit, 'loaded', 'enabled', unit === 'etcd.service' || member.agent ? 'active' : 'inactive'];
}

function pathRows(path: string, content: string | undefined): string[][] {
  if (content === undefined) return [];
  return [
    ['path', path, 'regular file', 'root', 'root', '644', ''],
    ['content', path, Buffer.from(content, 'utf8').toString('base64')],
  ];
}
