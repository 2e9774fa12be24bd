import { describe, expect, it } from 'vitest';
import { collectFacts } from '../../../../electron/core/deploy/facts/collect';
import { collectServer } from '../../../../electron/core/deploy/facts/collect-server';
import { questionFor } from '../../../../electron/core/deploy/facts/questions';
import type { Remote } from '../../../../electron/core/ssh/remote';
import { appError, type ErrorCode } from '../../../../shared/model/app-error';
import { specFixture } from '../../../support/deploy/facts';
import { localRemote } from '../../../support/ssh/local-remote';

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
      script: () => fail(name),
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

/** Looks at a server from 0 on whose connection was up at `upAt` and whose clock said `serverAt`; the answer came at 60 s. */
async function clockOffset({ upAt, serverAt }: Readonly<Record<'upAt' | 'serverAt', number>>): Promise<number> {
  let now = 0;
  const remote: Remote = {
    ...localRemote(),
    state: () => ({ kind: 'connected', since: upAt }),
    script: () => {
      now = 60_000;
      const stdout = `clock\t${serverAt}000000\nend\tof facts`;
      return Promise.resolve({ exitCode: 0, stdout, stderr: '', durationMs: 1 });
    },
  };
  const { clockOffsetMs } = await collectServer('n1', remote, questionFor(specFixture(), 'always'), () => now);
  return clockOffsetMs;
}

/** Looks at n1 to n3, which have these packages and were set up before; answers the questions put to n1. */
async function questionsTo(packages: readonly string[], candidates: readonly string[]): Promise<readonly string[]> {
  const asked: string[] = [];
  const connectServer = (name: string): Remote => ({
    ...localRemote(),
    dial: () => Promise.reject(appError('ssh.dial_refused', 'as told')),
    state: () => ({ kind: 'connected', since: 0 }),
    script: (text) => {
      const offers = /^OFFERS=(.*)$/m.exec(text)?.[1] ?? '';
      if (name === 'n1') asked.push(offers);
      const lines = [
        ...packages.map((word) => `pkg\t${word}\t1`),
        ...(offers === 'always' ? candidates.map((word) => `candidate\t${word}\t1`) : []),
        'end\tof facts',
      ];
      return Promise.resolve({ exitCode: 0, stdout: lines.join('\n'), stderr: '', durationMs: 1 });
    },
  });
  const probes = { tls: null, timeoutMs: 100, connectNamed: (): Remote => connectServer('n2') };
  const { servers } = await collectFacts(specFixture(), {
    connectServer: (server) => connectServer(server.name),
    probes,
    sql: null,
    now: Date.now,
  });
  return [...asked, ...Object.keys(servers['n1']?.candidates ?? {})];
}

describe('collecting the facts of a server', () => {
  it('asks apt what it offers after all where a server that was set up lacks a package', async () => {
    const all = ['etcd-server', 'etcd-client', 'postgresql-17', 'patroni', 'python3-etcd', 'haproxy', 'pgbouncer'];
    expect(await questionsTo(all, ['patroni'])).toEqual(['unless_set_up']);
    expect(await questionsTo(all.slice(1), ['patroni'])).toEqual(['unless_set_up', 'always', 'patroni']);
  });
  it('does not count the time of the login as a clock that is wrong', async () => {
    expect(await clockOffset({ upAt: 50_000, serverAt: 45_000 })).toBe(-5_000);
    expect(await clockOffset({ upAt: 50_000, serverAt: 51_000 })).toBe(0);
  });
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
