import { describe, expect, it } from 'vitest';
import { exportHistory } from '../../../electron/core/rpc/history-export';
import { encodeError, encodeStream } from '../../../electron/core/rpc/wrapper';
import { appError } from '../../../shared/model/app-error';
import type { HistoryRow } from '../../../shared/model/operate/job';

function callContext() {
  const unexpected: string[] = [];
  return {
    unexpected,
    mask: (text: string) => text.replaceAll('geheim', '***'),
    log: (procedure: string) => {
      unexpected.push(procedure);
    },
  };
}

describe('the one wrapper of every call', () => {
  it('an error of the app keeps its code, and its texts are masked to the last cause', () => {
    const { mask, log } = callContext();
    const inner = appError('ssh.auth_failed', 'The password geheim was refused.', { target: 'db-geheim' });
    const error = encodeError(
      appError('operation.failed', 'It failed with geheim.', { hint: 'Do not use geheim.', cause: inner }),
      'x.y',
      { mask, unexpected: log },
    );
    expect(error).toMatchObject({
      code: 'APP',
      data: { code: 'operation.failed', cause: { code: 'ssh.auth_failed', target: 'db-***' } },
    });
    expect(JSON.stringify(error)).not.toContain('geheim');
  });

  it('what nobody foresaw goes to the log; the page gets a sentence without stack or words of the inside', () => {
    const { mask, log, unexpected } = callContext();
    const error = encodeError(
      new TypeError('cannot read properties of undefined at /home/u/app.js:1'),
      'clusters.list',
      { mask, unexpected: log },
    );
    expect(error.data).toMatchObject({ code: 'app.unexpected', retryable: false });
    expect(JSON.stringify(error)).not.toMatch(/undefined|app\.js|stack/);
    expect(unexpected).toEqual(['clusters.list']);
  });

  it('an error in the middle of a stream is encoded, and leaving reaches the source', async () => {
    const { mask, log } = callContext();
    let left = false;
    async function* source() {
      try {
        yield 1;
        throw appError('etcd.no_quorum', 'No quorum.');
      } finally {
        left = true;
      }
    }
    const stream = encodeStream(source(), (thrown) => encodeError(thrown, 'x.watch', { mask, unexpected: log }));
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    await expect(stream.next()).rejects.toMatchObject({ code: 'APP', data: { code: 'etcd.no_quorum' } });
    expect(left).toBe(true);
  });
});

describe('the history as a file', () => {
  const row: HistoryRow = {
    id: 'j1',
    at: 0,
    endedAt: 1000,
    who: 'tester',
    clusterId: 'c1',
    clusterTitle: 'Orders, "main"',
    kind: 'switchover',
    target: '=cmd()',
    command: 'patronictl switchover',
    status: 'done',
    sentence: 'db2 leads now.',
    withoutPrimaryMs: 1900,
    answers: ['line 1', 'line 2'],
    error: null,
  };

  it('is CSV that a spreadsheet reads as text, never as a formula', () => {
    const lines = exportHistory([row], 'csv').split('\r\n');
    expect(lines[0]).toContain('at,endedAt,who');
    expect(lines[1]).toContain('1970-01-01T00:00:00.000Z');
    expect(lines[1]).toContain('"Orders, ""main"""');
    expect(lines[1]).toContain("'=cmd()");
  });

  it('is JSON with every field', () => {
    expect(JSON.parse(exportHistory([row], 'json'))).toEqual([row]);
  });
});
