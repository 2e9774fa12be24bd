import type { ErrorCode } from '../../../model/app-error';
import { clockSkew, diskFull, firstGroup, nameUnresolved, type KnownCause } from './known-cause';

/** Why a repository cannot be used: a clause that goes on from the repository's name, and what to do. */
export interface RepositoryFault {
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly hint: string;
}

/**
 * A fault of a repository by what apt says of it (apt-pkg, and gpgv or sqv for signatures). `pattern` is for text
 * that is known to come from apt. `inLog` are its causes in a log to which other programs write, too: their texts say
 * beyond doubt that apt wrote them.
 */
interface KnownFault extends RepositoryFault {
  readonly pattern: RegExp;
  readonly inLog: readonly KnownCause[];
}

const untrusted: KnownFault = {
  code: 'deploy.repository_untrusted',
  pattern: new RegExp(
    [
      'NO_PUBKEY|Missing key|public key is not available|BADSIG|EXPKEYSIG|REVKEYSIG|is not signed',
      "signatures? (?:were|was) invalid|couldn't be verified|Clearsigned file isn't valid|unsupported filetype",
      'not bound|cannot be parsed as OpenPGP',
    ].join('|'),
    'i',
  ),
  sentence: 'the key does not sign it',
  hint: 'Give the key that its makers publish for it.',
  inLog: [
    {
      code: 'deploy.repository_untrusted',
      pattern: /is not signed|NO_PUBKEY (\S+)|signatures couldn't be verified|signatures were invalid/i,
      sentence: () => 'The signature of a package repository cannot be checked.',
      hint: 'Give the right key of the repository.',
    },
  ],
};

const certificate: KnownFault = {
  code: 'deploy.repository_certificate',
  pattern: new RegExp(
    'No system certificates available|unable to get local issuer|certificate verification failed' +
      '|certificate issuer is unknown',
    'i',
  ),
  sentence: 'its certificate cannot be checked',
  hint:
    'Install ca-certificates on the server, with the authority of an internal mirror, or use its http address: lists ' +
    'are signed all the same.',
  inLog: [],
};

const lackingComponent = /doesn't have the component/i;

const suite: KnownFault = {
  code: 'deploy.repository_suite',
  pattern: new RegExp(
    `does not have a Release file|404\\s+Not Found|${lackingComponent.source}|misspelt in sources.list`,
    'i',
  ),
  sentence: 'it has no such suite or component',
  hint: 'Look at what the repository holds below its dists directory.',
  inLog: [
    {
      code: 'deploy.repository_suite',
      pattern: /the repository '?(\S+) (\S+) (?:In)?Release'? (?:does not have|no longer has) a release file/i,
      sentence: (m) => `The package repository ${m[1] ?? ''} has nothing for ${m[2] ?? 'this release'}.`,
      hint:
        'Look at its address and at the name of the release in the sources of apt on the server ' +
        '(/etc/apt/sources.list and sources.list.d), then resume.',
    },
  ],
};

const outdated: KnownFault = {
  code: 'deploy.clock_skew',
  pattern: /not valid yet|is expired|has expired/i,
  sentence: "its lists are of another time than this server's clock",
  hint: 'Set the clock of the server, or use a mirror that is up to date.',
  inLog: [clockSkew(/release file .* is not valid yet/i)],
};

const unresolved: KnownFault = {
  code: 'deploy.name_unresolved',
  pattern: /Temporary failure resolving|Could not resolve/i,
  sentence: 'its name cannot be resolved',
  hint: 'Look at the name server of the server, or let packages come through this workstation.',
  inLog: [nameUnresolved(/temporary failure resolving '?([^' ]+)|could not resolve '?([^' ]+)/i)],
};

/** What is left when apt could not use a repository: nothing in its text says more. */
const unreachable: KnownFault = {
  code: 'deploy.repository_unreachable',
  pattern: /(?:)/,
  sentence: 'it cannot be reached',
  hint: 'Check the address and the network of the server, or let packages come through this workstation.',
  inLog: [
    {
      code: 'deploy.repository_unreachable',
      pattern: /failed to fetch (\S+)|could not connect to (\S+)|connection timed out \[IP/i,
      sentence: (m) => `A package repository cannot be reached: ${firstGroup(m)}.`,
      hint: 'Check the network of the server, or let packages come through this workstation.',
    },
  ],
};

/** The most telling first. */
const faults: readonly KnownFault[] = [certificate, untrusted, suite, outdated, unresolved, unreachable];

/** What apt and dpkg say in the log of an installation, in the order of how much it explains. */
export const aptCauses: readonly KnownCause[] = [
  diskFull(/you don't have enough free space/i),
  ...outdated.inLog,
  {
    code: 'deploy.package_missing',
    pattern: /unable to locate package (\S+)|package '?(\S+?)'? has no installation candidate/i,
    sentence: (m) => `The sources of this server do not have the package ${firstGroup(m)}.`,
    hint: 'Choose other versions, or add a repository that has it.',
  },
  ...unresolved.inLog,
  ...unreachable.inLog,
  ...suite.inLog,
  ...untrusted.inLog,
  {
    code: 'deploy.apt_locked',
    pattern: /could not get lock (\S+)/i,
    sentence: () => 'Another program holds the lock of apt.',
    hint: 'Wait until it is done, then resume.',
  },
];

/** Why apt could not use a repository, from what it said. */
export function findRepositoryFault(said: string): RepositoryFault {
  return faults.find((fault) => fault.pattern.test(said)) ?? unreachable;
}

/** apt only warns of a component that a repository does not have, and goes on without it. */
export function lacksComponent(said: string): boolean {
  return lackingComponent.test(said);
}

/** The line of apt that says most: an error, or else a warning. */
export function tellingLine(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const line =
    lines.find((entry) => entry.startsWith('Err:')) ??
    lines.find((entry) => /^[EW]:/.test(entry)) ??
    lines.at(-1) ??
    '';
  const after = line.startsWith('Err:') ? (lines[lines.indexOf(line) + 1] ?? '') : '';
  return (after === '' ? line : after).replace(/^[EW]:\s*/, '').slice(0, 300);
}
