import { describe, expect, it } from 'vitest';
import { collectFacts } from '../../../../electron/core/deploy/facts/collect';
import type { Remote } from '../../../../electron/core/ssh/remote';
import { appError, type ErrorCode } from '../../../../shared/model/app-error';
import { specFixture } from '../../../support/deploy/facts';

/** Looks at three servers whose connections fail as told, one code a try; answers the tries of n1 and what is said of it at the end. */
async function lookAt(
  codes: readonly ErrorCode[],
): Promise<{ readonly tries: number; readonly said: string | undefined }> {
  let tries = 0;
  const fail = (name: string): Promise<never> =>
    Promise.reject(
      appError(codes[name === 'n1' ? Math.min((tries += 1), codes.length) - 1 : 0] ?? 'ssh.refused', 'as told'),
    );
  const connectServer = (name: string): Remote =>
    ({
      run: () => fail(name),
      dial: () => Promise.reject(appError('ssh.dial_refused', 'as told')),
    }) as unknown as Remote;
  const probes = { tls: null, timeoutMs: 100, connectNamed: (): Remote => connectServer('n2') };
  const { errors } = await collectFacts(specFixture(), {
    connectServer: (server) => connectServer(server.name),
    probes,
    sql: null,
    now: Date.now,
  });
  return { tries, said: errors['n1']?.code };
}

describe('collecting the facts of a server', () => {
  it('is repeated over a new connection when the pooled one was dead', async () => {
    expect(await lookAt(['ssh.connection_lost', 'ssh.refused'])).toEqual({ tries: 2, said: 'ssh.refused' });
  });
  it('is tried twice at most', async () => {
    expect(await lookAt(['ssh.connection_lost'])).toEqual({ tries: 2, said: 'ssh.connection_lost' });
  });
  it('is not repeated where a new connection would change nothing', async () => {
    expect(await lookAt(['ssh.auth_failed'])).toEqual({ tries: 1, said: 'ssh.auth_failed' });
  });
});
