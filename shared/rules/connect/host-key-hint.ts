import type { HostKeyInfo } from '../../model/connect/server';
import { shellWord } from '../words/shell-words';

/** Commands that print the fingerprint of a server's host key, to compare with the one that the app was shown. */
export interface HostKeyHint {
  /** On the server itself, by the file of that kind of key. */
  readonly onServer: string;
  /** On another computer that reaches the server; null for a kind of key that ssh-keyscan is not asked for by name. */
  readonly byScan: string | null;
}

/** How OpenSSH names a kind of key in its files and to `ssh-keyscan -t` (sshd_config(5), HostKey; ssh-keyscan(1)). */
function kindOf(algorithm: string): string | null {
  if (algorithm.startsWith('ssh-ed25519')) return 'ed25519';
  if (algorithm.startsWith('ecdsa-sha2-')) return 'ecdsa';
  return algorithm.startsWith('ssh-rsa') || algorithm.startsWith('rsa-sha2-') ? 'rsa' : null;
}

/** Where the same fingerprint can be read; an unknown kind of key may be in any of the server's files. */
export function hostKeyHint({ host, port, algorithm }: Omit<HostKeyInfo, 'fingerprint'>): HostKeyHint {
  const kind = kindOf(algorithm);
  if (kind === null)
    return {
      onServer: 'for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$key"; done',
      byScan: null,
    };
  const at = port === 22 ? '' : ` -p ${port}`;
  return {
    onServer: `ssh-keygen -lf /etc/ssh/ssh_host_${kind}_key.pub`,
    byScan: `ssh-keyscan -t ${kind}${at} ${shellWord(host)} | ssh-keygen -lf -`,
  };
}
