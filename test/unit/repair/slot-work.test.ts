import { describe, expect, it } from 'vitest';
import { dropLostSlot, dropUnusedSlot, makeSlot } from '../../../electron/core/repair/slot-work';
import type { SqlAnswer, SqlVisit } from '../../../electron/core/postgres/sql-session';
import { appError } from '../../../shared/model/app-error';
import { replica } from '../../support/cluster/operable-cluster';

/** What PostgreSQL answers to the questions of a visit, one visit after another; an error is an answer that was lost. */
type Said = Readonly<Record<string, SqlAnswer>> | Error;

const rows = (...found: readonly unknown[]): SqlAnswer => ({ kind: 'rows', rows: found });
const lost = appError('ssh.connection_lost', 'The connection was lost.', {});

describe('a slot that is dropped or made', () => {
  const asked: SqlVisit[] = [];
  const notes: string[] = [];
  const placeThat = (...said: readonly Said[]): Parameters<typeof dropLostSlot>[0] => {
    asked.length = 0;
    notes.length = 0;
    const left = [...said];
    return {
      member: replica('db1'),
      session: {
        way: 'psql',
        visit: (visit) => {
          asked.push(visit);
          const next = left.shift() ?? new Error('nothing more was to be asked');
          return next instanceof Error ? Promise.reject(next) : Promise.resolve(new Map(Object.entries(next)));
        },
      },
    };
  };
  const context = {
    log: (_level: string, text: string) => {
      notes.push(text);
    },
    answer: (text: string) => {
      notes.push(text);
    },
  };

  it('is dropped only where nobody uses it and it stands where it stood, by the same statement that looks', async () => {
    const place = placeThat({ drop: rows({ gone: '' }) });
    expect(await dropUnusedSlot(place, { name: "o'slot", restart: 4096 }, context)).toBe(true);
    expect(asked[0]?.questions[0]?.sql).toContain(
      `WHERE slot_name = 'o''slot' AND NOT active AND restart_lsn - '0/0'::pg_lsn = 4096`,
    );
    expect(await dropUnusedSlot(placeThat({ drop: rows() }), { name: 'a', restart: 1 }, context)).toBe(false);
  });

  it('is not dropped twice when the answer is lost: whether it is there decides', async () => {
    expect(await dropLostSlot(placeThat(lost, { slot: rows({ count: 0 }) }), 'a', context)).toBe(true);
    expect(await dropLostSlot(placeThat(lost, { slot: rows({ count: 1 }) }), 'a', context)).toBe(false);
    expect(asked.flatMap(({ questions }) => questions.map(({ name }) => name))).toEqual(['drop', 'slot']);
    expect(notes).toContain('The answer was lost. The slots are looked at instead of being dropped again.');
  });

  it('says what PostgreSQL refuses', async () => {
    const failed: SqlAnswer = { kind: 'failed', sqlState: '55006', message: 'replication slot "a" is active' };
    await expect(dropLostSlot(placeThat({ drop: failed }), 'a', context)).rejects.toMatchObject({
      data: { code: 'postgres.refused' },
    });
  });

  it('is not made twice when the answer is lost, and is missed where it is not there', async () => {
    const slot = { name: 'a', kind: 'logical', database: 'shop', sql: 'SELECT 1' } as const;
    await makeSlot(placeThat(lost, { slot: rows({ count: 1 }) }), slot, context);
    expect(asked.map(({ database }) => database)).toEqual(['shop', 'postgres']);
    await expect(makeSlot(placeThat(lost, { slot: rows({ count: 0 }) }), slot, context)).rejects.toMatchObject({
      data: { code: 'ssh.connection_lost' },
    });
  });
});
