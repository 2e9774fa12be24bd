import { describe, expect, it } from 'vitest';
import { hostKeyHint } from '../../../../shared/rules/connect/host-key-hint';

const asked = (algorithm: string, port = 22, host = 'db1.example.net') => hostKeyHint({ host, port, algorithm });

describe('the question whether a host key is the right one', () => {
  it.each([
    ['ssh-ed25519', 'ssh_host_ed25519_key.pub', '-t ed25519 '],
    ['ecdsa-sha2-nistp256', 'ssh_host_ecdsa_key.pub', '-t ecdsa '],
    ['ecdsa-sha2-nistp521', 'ssh_host_ecdsa_key.pub', '-t ecdsa '],
    ['ssh-rsa', 'ssh_host_rsa_key.pub', '-t rsa '],
    ['rsa-sha2-512', 'ssh_host_rsa_key.pub', '-t rsa '],
  ])('names the file and the scan of a key of the kind %s', (algorithm, file, scan) => {
    expect(asked(algorithm).onServer).toBe(`ssh-keygen -lf /etc/ssh/${file}`);
    expect(asked(algorithm).byScan).toContain(scan);
  });

  it('names every file for a kind of key that this app does not know', () => {
    expect(asked('ssh-new').onServer).toContain('ssh_host_*_key.pub');
    expect(asked('ssh-new').byScan).toBeNull();
  });

  it('scans the port that is asked about, and quotes a host', () => {
    expect(asked('ssh-ed25519', 2222).byScan).toBe('ssh-keyscan -t ed25519 -p 2222 db1.example.net | ssh-keygen -lf -');
    expect(asked('ssh-ed25519', 22, 'a b;c').byScan).toContain("'a b;c'");
  });
});
