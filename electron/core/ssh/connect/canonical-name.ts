import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { evaluateConfig, type ConfigValues } from './evaluate-config';

/** Whether a full name has an address, asked of the workstation's resolver. */
export type HasAddress = (name: string) => Promise<boolean>;

const DEFAULT_MAX_DOTS = 1;

const isNamed = (text: string | undefined): boolean => text !== undefined && text.toLowerCase() !== 'none';

/** Whether the configuration of a host asks for canonical names, and goes through a jump host only where that is wanted, too. */
function wantsCanonical({ first }: ConfigValues): boolean {
  const wanted = (first.get('canonicalizehostname') ?? 'no').toLowerCase();
  const isProxied = isNamed(first.get('proxyjump')) || isNamed(first.get('proxycommand'));
  return wanted === 'always' || (/^(?:yes|true)$/.test(wanted) && !isProxied);
}

/**
 * The full name of a host where CanonicalizeHostname asks for it: the first of CanonicalDomains under which it has an address (ssh.c,
 * resolve_canonicalize). Null where the name stays as it is. Aliases in the DNS are not followed.
 */
export async function canonicalNameOf(text: string, alias: string, hasAddress: HasAddress): Promise<string | null> {
  const values = evaluateConfig(text, alias);
  if (!wantsCanonical(values)) return null;
  const written = values.hostName();
  const name = written.toLowerCase();
  if (isIP(name) !== 0) return null;
  if (name.endsWith('.')) return name.slice(0, -1);
  const most = Number(values.first.get('canonicalizemaxdots') ?? DEFAULT_MAX_DOTS);
  if (name.split('.').length - 1 > most) return null;
  for (const domain of values.firstWords.get('canonicaldomains') ?? []) {
    if (domain.toLowerCase() === 'none') return null;
    if (await hasAddress(`${name}.${domain}.`)) return `${name}.${domain}`;
  }
  return null;
}

/** By the workstation's resolver, as OpenSSH does. */
export const hasAddressByDns: HasAddress = async (name) => {
  try {
    await lookup(name);
    return true;
  } catch {
    return false;
  }
};
