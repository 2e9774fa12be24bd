import { describe, expect, it } from 'vitest';
import { classify } from '../../../../../shared/rules/deploy/causes/classify';

describe('the cause of a failed step', () => {
  it.each([
    ['etcd', 'listen tcp 10.0.0.11:2380: bind: address already in use', 'deploy.port_in_use'],
    [
      'Patroni',
      "postgresql.listen 10.0.0.11:5432 didn't pass validation: 'Port 5432 is already in use.'",
      'deploy.port_in_use',
    ],
    ['PostgreSQL', 'LOG:  could not bind IPv4 address "0.0.0.0": Address already in use', 'deploy.port_in_use'],
    ['dpkg', 'dpkg: error: failed to write: No space left on device', 'deploy.disk_full'],
    ['apt', "E: You don't have enough free space in /var/cache/apt/archives/.", 'deploy.disk_full'],
    [
      'Patroni',
      'CRITICAL: system ID mismatch, node n2 belongs to a different cluster: 77 != 88',
      'deploy.system_id_mismatch',
    ],
    [
      'PostgreSQL',
      "LOG:  walreceiver requested start point 0/0A000000 on timeline 7 is ahead of the upstream server's " +
        'flush position 0/09000060, waiting',
      'deploy.replica_diverged',
    ],
    [
      'PostgreSQL',
      'ERROR:  requested starting point 0/5000000 is ahead of the WAL flush position of this server 0/4FFFF00',
      'deploy.replica_diverged',
    ],
    ['PostgreSQL', 'PANIC:  could not locate a valid checkpoint record at 0/6000028', 'deploy.data_torn'],
    ['initdb', 'initdb: error: invalid locale name "en_US.UTF-8"', 'deploy.locale_missing'],
    ['apt', 'E: Unable to locate package postgresql-99', 'deploy.package_missing'],
    [
      'apt',
      "Err:1 http://mirror.example trixie InRelease  Temporary failure resolving 'mirror.example'",
      'deploy.name_unresolved',
    ],
    ['apt', 'E: Failed to fetch http://mirror.example/x.deb  Connection refused', 'deploy.repository_unreachable'],
    [
      'apt',
      "E: The repository 'http://mirror.example/debian trixie Release' does not have a Release file.",
      'deploy.repository_suite',
    ],
    ['apt', "E: The repository 'http://mirror.example trixie InRelease' is not signed.", 'deploy.repository_untrusted'],
    [
      'Patroni',
      'patroni.exceptions.PatroniFatalException: Can not find suitable configuration of distributed configuration store',
      'deploy.dcs_not_configured',
    ],
    ['etcd', 'the clock difference against peer 8211f1d0f64f3269 is too high [10m2s > 1s]', 'deploy.clock_skew'],
    ['Patroni', 'patroni.dcs.etcd.EtcdException: no healthy endpoints', 'deploy.no_quorum'],
    ['PostgreSQL', 'FATAL:  password authentication failed for user "replicator"', 'deploy.password_refused'],
    [
      'PostgreSQL',
      'FATAL:  no pg_hba.conf entry for replication connection from host "10.0.0.12", user "replicator"',
      'deploy.hba_refuses',
    ],
  ])('is found in what %s logs: %s', (_, line, code) => {
    expect(classify(`one line\n${line}\nanother`)?.code).toBe(code);
  });

  it('is left open when the log names none', () => {
    expect(classify('all is well\n')).toBeNull();
  });
  it('is the taken port even where Patroni only waits for etcd because of it', () => {
    const text = 'waiting on etcd\nlisten tcp 10.0.0.11:2380: bind: address already in use';
    expect(classify(text)?.code).toBe('deploy.port_in_use');
  });
  it.each([
    ['mvcc: database space exceeded', 'deploy.disk_full'],
    ["E: You don't have enough free space in /var/cache/apt/archives/.", 'deploy.disk_full'],
  ])('is the full disk in the words of each program: %s', (line, code) => {
    expect(classify(`bind: address already in use\n${line}`)?.code).toBe(code);
  });
  it('is no fault of a repository where another program says much the same', () => {
    expect(classify('patroni: certificate verification failed: token has expired')).toBeNull();
  });
  it('is the full disk even where its consequences are logged too', () => {
    expect(classify('permission denied\nNo space left on device')?.code).toBe('deploy.disk_full');
  });
});
