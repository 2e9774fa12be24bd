import { describe, expect, it } from 'vitest';
import { readLog, readServices } from '../../../electron/core/services/service-script';

const block = (id: string, load: string, active: string, file = 'enabled') =>
  `Id=${id}\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\n` +
  'StateChangeTimestamp=Wed 2026-11-25 21:00:05 UTC';

describe('the services on a server', () => {
  it('are those that are installed, with how systemd says they run', () => {
    const output = [
      block('patroni.service', 'loaded', 'failed'),
      block('etcd.service', 'loaded', 'active', 'disabled'),
      block('haproxy.service', 'not-found', 'inactive', ''),
      'Postgres=',
    ].join('\n\n');
    expect(readServices(output)).toEqual([
      {
        name: 'patroni',
        unit: 'patroni.service',
        state: 'failed',
        since: Date.UTC(2026, 10, 25, 21, 0, 5),
        enabled: true,
      },
      { name: 'postgresql', unit: null, state: 'stopped', since: null, enabled: null },
      expect.objectContaining({ name: 'etcd', state: 'running', enabled: false }),
    ]);
  });

  it('have a PostgreSQL that runs without a unit of its own, since Patroni starts it', () => {
    const output = `${block('patroni.service', 'loaded', 'inactive')}\n\nPostgres=812\n`;
    expect(readServices(output).find((one) => one.name === 'postgresql')).toMatchObject({
      unit: null,
      state: 'running',
    });
  });

  it('name the instance of Patroni that runs, not a unit that was never started', () => {
    const output = [
      block('patroni.service', 'loaded', 'inactive'),
      block('patroni@main.service', 'loaded', 'active'),
    ].join('\n\n');
    expect(readServices(output)[0]?.unit).toBe('patroni@main.service');
  });
});

describe('the lines of a log', () => {
  it('carry nothing that a terminal or a page would act upon', () => {
    expect(readLog('\u001b[31mred\u001b[0m\u0007 \u202eback\n-- Journal begins --\nnext\tcolumn\n', 200)).toEqual([
      'red back',
      'next  column',
    ]);
  });

  it('are the last ones, at most as many as asked for', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`);
    expect(readLog(lines.join('\n'), 200)).toEqual(lines.slice(-200));
  });
});
