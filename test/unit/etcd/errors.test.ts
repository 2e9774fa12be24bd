import { describe, expect, it } from 'vitest';
import { etcdError, isSilence } from '../../../electron/core/etcd/errors';
import { appError } from '../../../shared/model/app-error';

describe('an etcd member that gives no answer', () => {
  it.each([
    ['its port is closed', appError('ssh.dial_refused', 'refused')],
    ['the connection to it is refused directly', new Error('connect ECONNREFUSED 10.0.0.1:2379')],
    ['it lets a request wait', new Error('4 DEADLINE_EXCEEDED')],
  ])('is silent itself when %s', (_case, thrown) => {
    expect(isSilence(thrown)).toBe(true);
    expect(isSilence(etcdError(thrown, 'db1'))).toBe(true);
  });

  it.each([
    ['the SSH connection was lost', appError('ssh.connection_lost', 'lost')],
    ['its server does not answer', appError('ssh.host_silent', 'silent')],
    ['the SSH server forbids tunnels', appError('ssh.dial_prohibited', 'prohibited')],
    ['the login failed', appError('ssh.auth_failed', 'failed')],
  ])('is not known when %s', (_case, thrown) => {
    expect(isSilence(thrown)).toBe(false);
    expect(isSilence(etcdError(thrown, 'db1'))).toBe(false);
  });
});
