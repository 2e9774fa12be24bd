import type { ErrorCode } from '../../../model/app-error';

/** Why a repository cannot be used, with what to do. */
export interface RepositoryFault {
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly hint: string;
}

interface KnownFault extends RepositoryFault {
  readonly pattern: RegExp;
}

/** What apt says (apt-pkg, and gpgv or sqv for signatures), the most telling first. */
const known: readonly KnownFault[] = [
  {
    pattern:
      /No system certificates available|unable to get local issuer|certificate verification failed|certificate issuer is unknown/i,
    code: 'deploy.repository_certificate',
    sentence: 'its certificate cannot be checked',
    hint: 'Install ca-certificates on the server, with the authority of an internal mirror, or use its http address: lists are signed all the same.',
  },
  {
    pattern:
      /NO_PUBKEY|Missing key|public key is not available|BADSIG|EXPKEYSIG|REVKEYSIG|is not signed|signatures? (?:were|was) invalid|couldn't be verified|Clearsigned file isn't valid|unsupported filetype|not bound|cannot be parsed as OpenPGP/i,
    code: 'deploy.repository_untrusted',
    sentence: 'the key does not sign it',
    hint: 'Give the key that its makers publish for it.',
  },
  {
    pattern: /does not have a Release file|404\s+Not Found|doesn't have the component|misspelt in sources.list/i,
    code: 'deploy.repository_suite',
    sentence: 'it has no such suite or component',
    hint: 'Look at what the repository holds below its dists directory.',
  },
  {
    pattern: /not valid yet|is expired|has expired/i,
    code: 'deploy.clock_skew',
    sentence: "its lists are of another time than this server's clock",
    hint: 'Set the clock of the server, or use a mirror that is up to date.',
  },
  {
    pattern: /Temporary failure resolving|Could not resolve/i,
    code: 'deploy.name_unresolved',
    sentence: 'its name cannot be resolved',
    hint: 'Look at the name server of the server, or let packages come through this workstation.',
  },
];

const unreachable: RepositoryFault = {
  code: 'deploy.repository_unreachable',
  sentence: 'it cannot be reached',
  hint: 'Check the address and the network of the server, or let packages come through this workstation.',
};

/** Why apt could not use a repository, from what it said. */
export function repositoryFault(said: string): RepositoryFault {
  return known.find((fault) => fault.pattern.test(said)) ?? unreachable;
}

/** apt only warns of a component that a repository does not have, and goes on without it. */
export function lacksComponent(said: string): boolean {
  return /doesn't have the component/i.test(said);
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
