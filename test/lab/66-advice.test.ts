import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AdviceReport, AdviceRuleId } from '../../shared/model/advice/advice';
import { openKnownCluster, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];

const RELEASES = [{ suite: 'trixie', net: 201 }] as const;

describe.each(releasesToTest('66-advice', RELEASES, 'trixie'))(
  'the advice for a cluster that others set up ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let first: AdviceReport;

    const read = (): Promise<AdviceReport> => known.core.client.advice.read({ clusterId: known.clusterId });
    const severity = ({ advice }: AdviceReport, rule: AdviceRuleId): string | null =>
      advice.find((one) => one.rule === rule)?.severity ?? null;
    const isWell = ({ well }: AdviceReport, rule: AdviceRuleId): boolean => well.some((one) => one.rule === rule);
    const ctl = (command: string): Promise<string> =>
      known.on('n1', `patronictl -c ${known.cluster.config} ${command}`);

    beforeAll(async () => {
      known = await openKnownCluster({ name: `advice-${suite}`, net, nodes: NODES, suite, proxy: true }, MINUTE);
      // A cluster that was just added is seen bit by bit.
      await known.opened.page.goto(`${known.opened.app.origin}/#/cluster/${known.clusterId}`);
      await known.opened.page.getByTestId('health-sentence').filter({ hasText: 'leads' }).waitFor();
      first = await read();
    }, 12 * MINUTE);
    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it('could be read whole, and says what the servers themselves say', async () => {
      expect(first.notChecked).toEqual([]);
      const asked = async (name: string): Promise<string> => (await known.psql('n1', `show ${name}`)).trim();
      expect(isWell(first, 'checksums')).toBe((await asked('data_checksums')) === 'on');
      expect(isWell(first, 'feedback')).toBe((await asked('hot_standby_feedback')) === 'on');
      expect(isWell(first, 'postgres_tls')).toBe((await asked('ssl')) === 'on');
      expect(severity(first, 'archive')).toBe((await asked('archive_mode')) === 'off' ? 'warning' : null);
      expect(isWell(first, 'etcd_odd')).toBe(true);
      expect(isWell(first, 'pooler')).toBe(true);
      expect(severity(first, 'rest_open')).toBe('critical');
      expect(severity(first, 'etcd_open')).toBe('critical');
      expect(severity(first, 'backup')).toBe('critical');
      expect(severity(first, 'watchdog')).toBe('warning');
      expect(severity(first, 'etcd_apart')).toBe('warning');
      const ids = await Promise.all(NODES.map((name) => known.on(name, 'cat /etc/machine-id')));
      expect(isWell(first, 'same_machine')).toBe(new Set(ids).size === NODES.length);
    });

    it(
      'follows what is changed on the servers: a password that everybody knows, pg_hba, an archive, and a pause',
      async () => {
        const leader = first.advice.length > 0 ? await primary() : 'n1';
        await known.psql(leader, `create role clerk login password 'clerk'`);
        await known.psql(leader, `set password_encryption = 'md5'; create role old login password 'changeme'`);
        await known.on(
          'n2',
          `mkdir -p /etc/pgbackrest && printf '[global]\\n[main]\\n' > /etc/pgbackrest/pgbackrest.conf`,
        );
        await ctl(`edit-config --force --set 'postgresql.parameters.hot_standby_feedback=on' --set ttl=25`);
        await ctl('pause --wait');
        try {
          const report = await waitFor('the advice follows', 2 * MINUTE, async () => {
            const next = await read();
            return isWell(next, 'feedback') && severity(next, 'paused') === 'warning' ? next : undefined;
          });
          expect(report.advice.find(({ rule }) => rule === 'weak_passwords')?.about).toEqual(
            expect.arrayContaining(['clerk', 'old']),
          );
          expect(report.advice.find(({ rule }) => rule === 'md5_passwords')?.about).toEqual(['old']);
          expect(severity(report, 'timing')).toBe('warning');
          // A configuration of pgBackRest is no backup.
          expect(severity(report, 'backup')).toBe('critical');
          expect(JSON.stringify(report)).not.toMatch(/changeme|SCRAM-SHA-256\$/);
        } finally {
          await ctl('resume --wait');
        }
      },
      5 * MINUTE,
    );

    it(
      'says of a server that is cut off what was not checked there, and within its limit',
      async () => {
        await known.opened.lab.kill('n3');
        const began = Date.now();
        const report = await read();
        expect(Date.now() - began).toBeLessThan(95_000);
        const about = new Set(report.notChecked.map((one) => one.about));
        expect(about).toContain('n3');
        expect(report.notChecked.filter((one) => one.about === 'n3').map(({ rule }) => rule)).toEqual(
          expect.arrayContaining(['hba_trust', 'rest_open', 'watchdog', 'clock']),
        );
        for (const rule of ['hba_trust', 'rest_open', 'clock', 'etcd_api'] as const)
          expect(isWell(report, rule), rule).toBe(false);
      },
      4 * MINUTE,
    );

    async function primary(): Promise<NodeName> {
      for (const name of NODES) if ((await known.psql(name, 'select pg_is_in_recovery()')).trim() === 'f') return name;
      throw new Error('no server runs as the primary');
    }
  },
);
