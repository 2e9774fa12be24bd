import type { ServerFacts } from '../../../model/deploy/facts';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { sameAddress } from '../network';
import { blocks, fine, sizeText, warns, type CheckResult, type PreflightInput, type ServerCheck } from './input';

const releases: Readonly<Record<string, readonly string[]>> = {
  debian: ['12', '13'],
  ubuntu: ['22.04', '24.04', '26.04'],
};

/** The releases that set-ups were tried on, for people. */
export const triedReleases = 'Debian 12 and 13 and Ubuntu 22.04, 24.04 and 26.04';

/** What is to be said of a server's release before it is set up; `blocks`: it cannot be. Null for one that was tried. */
export function releaseNote({
  id,
  version,
}: ServerFacts['os']): { readonly blocks: boolean; readonly text: string } | null {
  const known = releases[id];
  if (known === undefined) return { blocks: true, text: 'Only Debian and Ubuntu can be set up.' };
  return known.includes(version) ? null : { blocks: false, text: `This release was not tried; ${triedReleases} were.` };
}

/** What the machine itself is. */
export const machineChecks: readonly ServerCheck[] = [
  {
    id: 'sudo',
    name: 'Root rights',
    run: (_, facts) =>
      facts.root
        ? fine('Commands run as root.')
        : blocks(
            'Commands do not run as root.',
            'Setting up needs root: log in as root, or choose how sudo works on this server.',
          ),
  },
  { id: 'os', name: 'Operating system', run: (_, facts) => system(facts) },
  {
    id: 'architecture',
    name: 'Architecture',
    run: (_, { architecture }) =>
      ['amd64', 'arm64'].includes(architecture)
        ? fine(architecture)
        : warns(architecture, 'The packages may not exist for this architecture.'),
  },
  {
    id: 'cpu',
    name: 'Processors',
    run: (_, { cpus }) =>
      cpus >= 2
        ? fine(`${cpus}`)
        : warns(`${cpus}`, 'One processor is shared by PostgreSQL, Patroni and etcd; failovers may be slow.'),
  },
  { id: 'memory', name: 'Memory', run: (server, facts) => memory(server, facts) },
  { id: 'disk', name: 'Room on the disks', run: (server, facts) => disk(server, facts) },
  { id: 'clock', name: 'Clock', run: (_, facts, input) => clock(facts, input) },
  { id: 'hostname', name: 'Host name', run: (_, facts, input) => hostname(facts, input) },
  { id: 'address', name: 'Address', run: (server, facts, input) => address(server, facts, input) },
  {
    id: 'locale',
    name: 'Locale',
    run: (server, facts, input) =>
      server.roles.includes('postgres') ? locale(facts, input.spec.postgres.locale) : null,
  },
  { id: 'security', name: 'SELinux and AppArmor', run: (_, facts) => security(facts) },
  { id: 'watchdog', name: 'Watchdog', run: (server, facts, input) => watchdog(server, facts, input) },
];

function system(facts: ServerFacts): CheckResult {
  if (!facts.systemd)
    return blocks(facts.os.title, 'This server is not run by systemd, which starts the services at boot.');
  const note = releaseNote(facts.os);
  if (note === null) return fine(facts.os.title);
  return (note.blocks ? blocks : warns)(facts.os.title, note.text);
}

function memory(server: ServerSpec, facts: ServerFacts): CheckResult {
  const evidence = sizeText(facts.memoryBytes);
  const least = server.roles.includes('postgres') ? 400 : 200;
  if (facts.memoryBytes < least * 1024 ** 2) return blocks(evidence, `At least ${least} MB are needed.`);
  return facts.memoryBytes < 1024 ** 3 && server.roles.includes('postgres')
    ? warns(evidence, 'This is little for PostgreSQL.')
    : fine(evidence);
}

/** Unpacked packages and their archives take about 500 MB; a new cluster about 60 MB and its WAL. */
function disk(server: ServerSpec, facts: ServerFacts): CheckResult {
  const tightest = [...facts.disks].sort((a, b) => a.freeBytes - b.freeBytes)[0];
  if (tightest === undefined) return warns('The disks could not be read.', 'Look at their room yourself.');
  const evidence = facts.disks
    .map((entry) => `${entry.path}: ${sizeText(entry.freeBytes)} free`)
    .filter((text, index, all) => all.indexOf(text) === index)
    .join(', ');
  const least = server.roles.includes('postgres') ? 1024 : 400;
  if (tightest.freeBytes < least * 1024 ** 2)
    return blocks(evidence, `${tightest.path} is nearly full: at least ${least} MB are needed.`);
  return tightest.freeBytes < 5 * 1024 ** 3
    ? warns(evidence, 'This is little for a database and its WAL.')
    : fine(evidence);
}

/** Against the middle of all servers: what counts is that they agree with one another. */
function clock(facts: ServerFacts, input: PreflightInput): CheckResult {
  const offsets = Object.values(input.servers)
    .map((server) => server.clockOffsetMs)
    .sort((a, b) => a - b);
  const middle = offsets[Math.floor((offsets.length - 1) / 2)] ?? 0;
  const apart = facts.clockOffsetMs - middle;
  const fix = { id: 'clock', label: 'Switch time synchronisation on', command: 'timedatectl set-ntp true' };
  const evidence = `${Math.abs(apart / 1000).toFixed(1)} s ${apart < 0 ? 'behind' : 'before'} the other servers`;
  if (Math.abs(apart) > 10_000)
    return blocks(evidence, 'The clocks differ too much: certificates and leases would be judged wrongly.', fix);
  if (Math.abs(apart) > 1_000) return warns(evidence, 'etcd warns above one second.', fix);
  return Math.abs(facts.clockOffsetMs) > 60_000
    ? warns(
        `${Math.round(facts.clockOffsetMs / 1000)} s from this computer's clock`,
        'The servers agree with one another, but not with this computer.',
      )
    : fine('It agrees with the other servers.');
}

function hostname(facts: ServerFacts, input: PreflightInput): CheckResult {
  const same = Object.values(input.servers).filter(
    (other) => other.server !== facts.server && other.hostname === facts.hostname,
  );
  if (same.length > 0)
    return warns(
      facts.hostname,
      `${same.map((other) => other.server).join(' and ')} has the same host name: logs of the two cannot ` +
        'be told apart. Give each its own (hostnamectl set-hostname).',
    );
  const loopback = facts.hostnameAddresses.filter((entry) => /^127\.|^::1$/.test(entry));
  return fine(
    loopback.length > 0
      ? `${facts.hostname} (leads to ${loopback.join(', ')} on the server itself; members are known by address)`
      : facts.hostname,
  );
}

function address(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult {
  const twin = Object.values(input.servers).find((other) => other.server !== facts.server && shared(other, facts));
  if (twin !== undefined)
    return blocks(server.address, `${facts.server} and ${twin.server} are one and the same machine.`);
  return facts.addresses.some((own) => sameAddress(own, server.address))
    ? fine(server.address)
    : blocks(
        `The server has ${facts.addresses.filter((entry) => !/^127\.|^::1$/.test(entry)).join(', ')}.`,
        `${server.address} is none of its addresses: services could not listen there.`,
      );
}

function shared(one: ServerFacts, other: ServerFacts): boolean {
  const own = one.addresses.filter((entry) => !/^127\.|^::1$|^fe80:|^172\.17\./i.test(entry));
  return own.length > 0 && own.every((entry) => other.addresses.includes(entry));
}

/** `en_US.UTF-8` is listed as `en_US.utf8`. */
function localeKey(name: string): string {
  const [language = '', encoding = ''] = name.split('.');
  return `${language}.${encoding.toLowerCase().replaceAll('-', '')}`;
}

function locale(facts: ServerFacts, wanted: string): CheckResult {
  if (facts.locales.some((known) => localeKey(known) === localeKey(wanted))) return fine(wanted);
  if (localeKey(wanted) === 'C.utf8' || wanted === 'C' || wanted === 'POSIX') return fine(`${wanted} (always there)`);
  return blocks(
    `${wanted} is not on this server.`,
    'PostgreSQL could not be initialised with it. Generate it, or use C.UTF-8, which is always there.',
    { id: 'locale', label: `Generate ${wanted}`, command: `apt-get install locales && locale-gen ${wanted}` },
  );
}

function security(facts: ServerFacts): CheckResult {
  if (facts.security.selinux === 'Enforcing')
    return warns('SELinux is enforcing.', 'Its policy may keep services from their ports and directories.');
  return fine(`SELinux ${facts.security.selinux}, AppArmor ${facts.security.apparmor === 'Y' ? 'on' : 'off'}`);
}

/** A container has its host's kernel and may not load modules; cloud images may come without softdog. */
function watchdog(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult | null {
  const { watchdog: mode } = input.spec.patroni;
  if (mode === 'off' || !server.roles.includes('postgres')) return null;
  if (facts.watchdogDevice) return fine('/dev/watchdog is there.');
  if (facts.softdog)
    return fine("There is no /dev/watchdog; the kernel's softdog is loaded for it, now and at every boot.");
  const why = 'Its kernel has no module softdog, or it is a container and may not load one.';
  return mode === 'required'
    ? blocks(
        'There is no /dev/watchdog.',
        `${why} Patroni would never become leader here: give the machine a watchdog, or do not require one.`,
      )
    : warns('There is no /dev/watchdog.', `${why} Patroni goes on without it.`);
}
