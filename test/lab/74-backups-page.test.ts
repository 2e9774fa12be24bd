import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BackupsPage } from './support/backups-page';
import { openKnownCluster, trustHostKeys, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { releasesToTest } from './support/releases';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const MEMBERS: readonly NodeName[] = ['n1', 'n2', 'n3'];
/** Where backups are kept. */
const KEEPER: NodeName = 'n4';
const STANZA = 'demo';
const TITLE = 'Orders';
const UNIT = `matriarch-proof-${STANZA}`;

const RELEASES = [
  { suite: 'trixie', net: 236 },
  { suite: 'bookworm', net: 237 },
] as const;

describe.each(releasesToTest('74-backups-page', RELEASES, 'trixie'))(
  'backups on the page of the app ($suite)',
  ({ suite, net }) => {
    let known: KnownClusterLab;
    let view: BackupsPage;

    const on = (name: NodeName, command: string): Promise<string> =>
      known.opened.lab.node(name).console(command, { timeoutMs: 3 * MINUTE });
    const psql = async (name: NodeName, query: string): Promise<string> =>
      (await on(name, `su postgres -c "psql -XAtq -p ${known.cluster.port} -c \\"${query}\\""`)).trim();
    const leader = (): Promise<NodeName> =>
      waitFor('one of them leads', 3 * MINUTE, async () => {
        for (const name of MEMBERS)
          if ((await psql(name, 'select pg_is_in_recovery()').catch(() => '')) === 'f') return name;
        return undefined;
      });
    /** The dynamic configuration as Patroni has it. */
    const configured = (): Promise<string> => on('n1', `patronictl -c ${known.cluster.config} show-config`);
    /** Files and units of the app on a server. */
    const written = async (name: NodeName): Promise<string> =>
      (
        await on(
          name,
          `ls -d /etc/pgbackrest/conf.d/matriarch-* /etc/pgbackrest/matriarch /etc/systemd/system/matriarch-* \
            /usr/local/lib/matriarch /var/lib/matriarch-proof 2>/dev/null || true; \
            grep -c matriarch-backup ~postgres/.ssh/authorized_keys 2>/dev/null | grep -v '^0$' || true`,
        )
      ).trim();
    const backedUp = (): Promise<string> => on(KEEPER, `su postgres -c 'pgbackrest --stanza=${STANZA} info'`);

    /** Fills the dialog of the set-up for a directory on the keeper. */
    const fillSetUp = async (path: string, address?: string): Promise<void> => {
      const dialog = await view.open('Set up backups');
      await dialog.getByLabel('Server', { exact: true }).selectOption(KEEPER);
      if (address !== undefined) await dialog.getByLabel('Address for the members').fill(address);
      await dialog.getByLabel('Directory', { exact: true }).fill(path);
      await dialog.getByLabel('Stanza', { exact: true }).fill(STANZA);
    };

    beforeAll(async () => {
      known = await openKnownCluster({ name: `bkpage-${suite}`, net, nodes: MEMBERS, suite }, MINUTE);
      const { lab, app, page } = known.opened;
      await lab.up([KEEPER], { suite, image: 'stack' });
      await trustHostKeys(known.opened, [...MEMBERS, KEEPER]);
      await known.core.client.servers.add({
        name: KEEPER,
        host: lab.node(KEEPER).ip,
        user: 'root',
        auth: { kind: 'key', keyPath: lab.keyPath },
        sudo: { kind: 'root' },
      });
      await page.setViewportSize({ width: 1280, height: 1000 });
      view = new BackupsPage(page, app.origin, known.clusterId);
      await on(
        KEEPER,
        'mkdir -p /srv/tiny /srv/backups /srv/other/backup/demo && mount -t tmpfs -o size=24m tmpfs /srv/tiny',
      );
      await on(KEEPER, 'mount -t tmpfs -o size=700m,mode=0750,uid=postgres,gid=postgres tmpfs /srv/backups');
      await on(KEEPER, `printf '[db]\\ndb-id=1\\ndb-system-id=42\\n' > /srv/other/backup/demo/backup.info`);
    }, 20 * MINUTE);
    afterEach(({ task }) => known.opened.pictureOf(task));
    afterAll(() => known?.close(), 3 * MINUTE);

    it(
      'are not set up where the repository has no room, is a data directory, or holds the stanza of another database system',
      async () => {
        await view.look();
        await fillSetUp('/srv/tiny');
        await view.checked(/\/srv\/tiny on n4 has .* too little for a backup and WAL/);
        expect(await view.refused()).toBe(true);
        const dialog = known.opened.page.getByRole('dialog').last();
        await dialog.getByLabel('Directory', { exact: true }).fill('/srv/other');
        await view.checked(/stanza demo of another database system \(42\), which is never overwritten/);
        expect(await view.refused()).toBe(true);
        await view.picture('set-up-refused');
        await view.cancel();
        expect(await written(KEEPER)).toBe('');
      },
      6 * MINUTE,
    );

    it(
      'that fail to be set up, as the members do not reach the repository, leave neither an archive nor a file',
      async () => {
        const before = await configured();
        await view.look();
        await fillSetUp('/srv/backups', `10.77.${net}.99`);
        const panel = await view.confirm(/Failed/);
        expect(panel).toMatch(/does not show the stanza from there/);
        expect(panel).toMatch(/Everything that was written is taken back/);
        expect(await configured()).toBe(before);
        for (const name of [...MEMBERS, KEEPER]) expect(await written(name), name).toBe('');
        expect(await psql(await leader(), 'show archive_mode')).toBe('off');
      },
      12 * MINUTE,
    );

    it(
      'are set up, with the backups that the failed one left continued, and the timers run',
      async () => {
        await view.look();
        await fillSetUp('/srv/backups');
        await view.checked(/\/srv\/backups on n4 has/);
        await view.picture('set-up');
        await view.confirm(/Done/);
        expect(await backedUp()).toMatch(/status: ok[\s\S]*cipher: aes-256-cbc[\s\S]*full backup: /);
        expect(await psql(await leader(), 'show archive_mode')).toBe('on');
        expect(await on(KEEPER, 'systemctl list-timers --all --no-pager')).toMatch(
          /matriarch-backup-demo-diff\.timer[\s\S]*matriarch-backup-demo-full\.timer|full\.timer[\s\S]*diff\.timer/,
        );
        await view.look();
        expect(await view.text('backup-standing')).toMatch(/Backed up/);
        await view.picture('view');
      },
      25 * MINUTE,
    );

    it(
      'say what is wrong where the repository is full, and where a member does not reach it',
      async () => {
        await on(
          KEEPER,
          'fallocate -l 2G /srv/backups/fill 2>/dev/null || dd if=/dev/zero of=/srv/backups/fill bs=1M 2>/dev/null || true',
        );
        await view.look();
        await known.opened.page.getByTestId('backups').getByRole('button', { name: 'Back up now' }).click();
        const panel = await view.followed(/Failed/);
        expect(panel).toMatch(/The repository is full: \/srv\/backups has 0 B free/);
        expect(panel).toMatch(/Make room in \/srv\/backups/);
        expect(panel).toMatch(/journalctl -u matriarch-backup-demo-full/);
        await on(KEEPER, 'rm -f /srv/backups/fill');
        const member = MEMBERS.find((name) => name !== 'n1') ?? 'n2';
        await known.opened.lab.partition({ kind: 'pair', nodes: [member, KEEPER] });
        try {
          const dialog = await view.open('Prove the newest');
          await dialog.getByLabel('On the server of').selectOption(member);
          await dialog.getByTestId('confirm').click();
          await expect
            .poll(() => dialog.innerText(), { timeout: 3 * MINUTE })
            .toMatch(
              new RegExp(
                `pgBackRest on the server of ${member} tells no backup of this cluster: .+Nothing was started`,
                's',
              ),
            );
          await view.cancel();
        } finally {
          await known.opened.lab.heal();
        }
        expect(await on(member, 'ls -d /var/lib/postgresql/matriarch-proof-* 2>/dev/null || true')).toBe('');
      },
      15 * MINUTE,
    );

    it(
      'are proved on request, and by a timer on a server that is named, whose result is shown; a proof that fails says so',
      async () => {
        await view.look();
        const prove = await view.open('Prove the newest');
        await view.picture('prove');
        await prove.getByLabel('On the server of').selectOption('n2');
        expect(await view.confirm(/Done/)).toMatch(/was restored on n2 .* answered: /s);

        await view.look();
        const timer = await view.open('Prove by a timer');
        await timer.getByLabel('On the server').selectOption(KEEPER);
        await timer.getByLabel('Every', { exact: true }).selectOption('Wed');
        await timer.getByLabel('At', { exact: true }).fill('03:15');
        await view.checked(/\/var\/lib\/postgresql on n4 has .* free/);
        await view.picture('proof-timer');
        await view.confirm(/Done/);
        expect(await on(KEEPER, `systemctl list-timers --no-pager ${UNIT}.timer`)).toMatch(/Wed .*03:15:00/);

        await on(KEEPER, `systemctl start ${UNIT}.service`);
        await view.look();
        expect(await view.text('backup-proof')).toMatch(/Proved[\s\S]*was restored on n4/);
        expect(await view.text('proof-timer')).toMatch(/A timer on n4 proves the newest backup every Wed at 03:15/);
        expect(await on(KEEPER, 'ls -d /var/lib/postgresql/matriarch-proof-* 2>/dev/null || true')).toBe('');
        expect(await on(KEEPER, `pgrep -fc '[p]ostgres -D .*matriarch-proof' || true`)).toMatch(/^0/);

        // A backup of which a file is gone cannot be restored.
        await on(KEEPER, 'mv /srv/backups/backup/demo/latest/pg_data /srv/backups/hidden');
        await on(KEEPER, `systemctl start ${UNIT}.service || true`);
        await on(KEEPER, 'mv /srv/backups/hidden /srv/backups/backup/demo/latest/pg_data');
        await view.look();
        expect(await view.text('backup-proof')).toMatch(/Not proved[\s\S]*n4 could not restore it/);
        await view.picture('proof-failed');
        expect(await on(KEEPER, 'ls -d /var/lib/postgresql/matriarch-proof-* 2>/dev/null || true')).toBe('');

        await view.open('Change the timer');
        await known.opened.page.getByRole('button', { name: 'Remove the timer' }).click();
        await view.followed(/Done/);
        expect(await on(KEEPER, `ls /etc/systemd/system/ | grep -c ${UNIT} || true`)).toMatch(/^0/);
        expect(await on(KEEPER, 'ls -d /usr/local/lib/matriarch /var/lib/matriarch-proof 2>/dev/null || true')).toBe(
          '',
        );
      },
      15 * MINUTE,
    );

    it(
      'are not restored to a moment that is not there; a restore that fails puts the former cluster back, and one to a moment ' +
        'brings exactly its rows',
      async () => {
        const first = await leader();
        await psql(first, 'create table orders (n int)');
        await psql(first, 'insert into orders select generate_series(1, 1000)');
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        const at = await psql(
          first,
          `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')`,
        );
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await psql(first, 'insert into orders select generate_series(1001, 1100)');

        await view.look();
        const dialog = await view.open('Restore the cluster');
        const time = dialog.getByLabel('To this time');
        for (const [target, line, words] of [
          ['2999-01-01 00:00:00', '', /is in the future/],
          ['2001-01-01 00:00:00', '', /is before the end of the first backup/],
          [at, '99', /There is no timeline 99/],
        ] as const) {
          await time.fill(target);
          await dialog.getByLabel('Along timeline').fill(line);
          await view.checked(words);
          expect(await view.refused()).toBe(true);
        }
        await dialog.getByLabel('Along timeline').fill('');
        await time.fill('yesterday');
        await expect.poll(() => view.refused().catch(() => true)).toBe(true);
        await time.fill(at);
        await view.checked(/It begins with the backup/);
        await view.picture('restore');

        const hidden = '/srv/backups/hidden';
        const data = `/srv/backups/backup/${STANZA}/latest/pg_data`;
        const system = await psql(first, 'select system_identifier from pg_control_system()');
        await on(KEEPER, `mv ${data} ${hidden}`);
        const failed = await view.confirm(/Failed/, TITLE);
        await on(KEEPER, `mv ${hidden} ${data}`);
        expect(failed).toMatch(/Patroni on .* could not restore/);
        expect(failed).toMatch(/The old data is in its place, and every member was started/);
        expect(await leader()).toMatch(/^n/);
        for (const name of MEMBERS) {
          await waitFor(
            `${name} has the rows from before`,
            3 * MINUTE,
            async () => (await psql(name, 'select count(*) from orders').catch(() => '')) === '1100',
          );
          expect(await psql(name, 'select system_identifier from pg_control_system()')).toBe(system);
          expect(await on(name, 'ls -d /var/lib/postgresql/*/*.before-restore-* 2>/dev/null || true')).toBe('');
          expect(await on(name, `grep -c matriarch_restore ${known.cluster.config} || true`)).toMatch(/^0/);
        }
        expect(await configured()).toMatch(/create_replica_methods:\s*\n\s*- pgbackrest/);
        await psql(await leader(), 'insert into orders values (1101)');

        await view.look();
        const again = await view.open('Restore the cluster');
        await again.getByLabel('To this time').fill(at);
        await view.checked(/It begins with the backup/);
        await view.confirm(/Warning|Done/, TITLE);
        for (const name of MEMBERS)
          expect(await psql(name, 'select count(*), min(n), max(n) from orders'), name).toBe('1000|1|1000');
      },
      28 * MINUTE,
    );

    it(
      'are stopped: nothing of the app stays on a server, the archive is as it was, and the backups are kept',
      async () => {
        await view.look();
        await view.open('Stop backing up');
        await view.picture('stop');
        await view.confirm(/Done/, TITLE);
        for (const name of [...MEMBERS, KEEPER]) expect(await written(name), name).toBe('');
        const text = await configured();
        expect(text).not.toMatch(/pgbackrest|archive_mode|recovery_conf/);
        expect(text).toMatch(/archive_command: \/bin\/true/);
        await on('n1', `patronictl -c ${known.cluster.config} restart --force ${known.cluster.scope}`);
        await waitFor(
          'archive_mode is off',
          2 * MINUTE,
          async () => (await psql(await leader(), 'show archive_mode').catch(() => '')) === 'off',
        );
        expect(await on(KEEPER, `ls /srv/backups/backup/${STANZA}`)).toMatch(/F/);
      },
      8 * MINUTE,
    );
  },
);
