import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BackupsPage } from './support/backups-page';
import { openKnownCluster, trustHostKeys, type KnownClusterLab } from './support/known-cluster';
import type { NodeName } from './support/lab';
import { waitFor } from './support/run';

const MINUTE = 60_000;
const MEMBERS: readonly NodeName[] = ['n1', 'n2', 'n3'];
const KEEPER: NodeName = 'n4';
const STANZA = 'shop';
const NET = 240;

describe('backups that somebody else set up', () => {
  let known: KnownClusterLab;
  let view: BackupsPage;

  const on = (name: NodeName, command: string): Promise<string> =>
    known.opened.lab.node(name).console(command, { timeoutMs: 5 * MINUTE });
  const psql = async (name: NodeName, query: string): Promise<string> =>
    (await on(name, `su postgres -c "psql -XAtq -p ${known.cluster.port} -c \\"${query}\\""`)).trim();
  const leader = (): Promise<NodeName> =>
    waitFor('one of them leads', 3 * MINUTE, async () => {
      for (const name of MEMBERS)
        if ((await psql(name, 'select pg_is_in_recovery()').catch(() => '')) === 'f') return name;
      return undefined;
    });
  /** Every file of pgBackRest's configuration, by its sum. */
  const sums = async (): Promise<readonly string[]> =>
    Promise.all(
      [...MEMBERS, KEEPER].map((name) =>
        on(name, 'find /etc/pgbackrest /etc/pgbackrest.conf -type f 2>/dev/null | sort | xargs -r sha256sum'),
      ),
    );

  /** A stranger's way: pgbackrest.conf everywhere, keys of the user postgres, archive_command through Patroni, a backup by hand. */
  async function setUpByHand(): Promise<void> {
    const ip = (name: NodeName): string => known.opened.lab.node(name).ip;
    const all = [...MEMBERS, KEEPER];
    for (const name of all) {
      await on(
        name,
        'DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends pgbackrest >/dev/null',
      );
      await on(
        name,
        `install -d -m 0700 -o postgres -g postgres ~postgres/.ssh && su postgres -c "ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519"`,
      );
    }
    const keys = await Promise.all(all.map((name) => on(name, 'cat ~postgres/.ssh/id_ed25519.pub')));
    const hosts = all.map(ip).join(' ');
    const data = (await psql('n1', 'show data_directory')).trim();
    for (const name of all) {
      await on(
        name,
        `cat > ~postgres/.ssh/authorized_keys <<'KEYS'\n${keys.join('')}\nKEYS\nchown postgres: ~postgres/.ssh/authorized_keys`,
      );
      await on(name, `su postgres -c "ssh-keyscan ${hosts} > ~/.ssh/known_hosts 2>/dev/null"`);
      await on(name, 'install -d -m 0755 /etc/pgbackrest && rm -f /etc/pgbackrest.conf');
    }
    const own = `pg1-path=${data}\npg1-port=${known.cluster.port}\n`;
    for (const name of MEMBERS)
      await on(
        name,
        `cat > /etc/pgbackrest/pgbackrest.conf <<'CONF'\n[global]\nrepo1-host=${ip(KEEPER)}\nrepo1-host-user=postgres\n` +
          `\n[${STANZA}]\n${own}CONF`,
      );
    const members = MEMBERS.map(
      (name, index) =>
        `pg${index + 1}-host=${ip(name)}\npg${index + 1}-host-user=postgres\npg${index + 1}-path=${data}\n` +
        `pg${index + 1}-port=${known.cluster.port}\n`,
    ).join('');
    await on(
      KEEPER,
      `install -d -o postgres -g postgres /srv/shop && cat > /etc/pgbackrest/pgbackrest.conf <<'CONF'\n` +
        `[global]\nrepo1-path=/srv/shop\nrepo1-retention-full=4\nstart-fast=y\n\n[${STANZA}]\n${members}CONF`,
    );
    await on(
      'n1',
      `patronictl -c ${known.cluster.config} edit-config --force --set 'postgresql.parameters.archive_mode=on' ` +
        `--set 'postgresql.parameters.archive_command=pgbackrest --stanza=${STANZA} archive-push %p'`,
    );
    await on(KEEPER, `su postgres -c 'pgbackrest --stanza=${STANZA} stanza-create'`);
    await on('n1', `patronictl -c ${known.cluster.config} restart --force ${known.cluster.scope}`);
    await leader();
    await waitFor(
      'a backup is made by hand',
      5 * MINUTE,
      async () =>
        (
          await on(
            KEEPER,
            `su postgres -c 'pgbackrest --stanza=${STANZA} --type=full backup' >/dev/null 2>&1 && echo made || true`,
          )
        ).includes('made') || undefined,
    );
  }

  beforeAll(async () => {
    known = await openKnownCluster({ name: 'bkadopt', net: NET, nodes: MEMBERS, suite: 'trixie' }, MINUTE);
    const { lab, app, page } = known.opened;
    await lab.up([KEEPER], { suite: 'trixie', image: 'stack' });
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
    await setUpByHand();
  }, 25 * MINUTE);
  afterEach(({ task }) => known.opened.pictureOf(task));
  afterAll(() => known?.close(), 3 * MINUTE);

  it(
    'are seen as they are, never overwritten by a set-up, and adopted without a change on any server',
    async () => {
      const before = await sums();
      await view.look();
      expect(await view.text('backup-standing')).toMatch(/Backed up[\s\S]*stanza shop/);
      const setUp = await view.open('Set up backups');
      await setUp.getByLabel('Server', { exact: true }).selectOption(KEEPER);
      await view.checked(/configured by somebody else, which is never overwritten/);
      expect(await view.refused()).toBe(true);
      await view.cancel();
      const dialog = await view.open('Adopt them');
      await dialog.getByLabel('Kept on the server').selectOption(KEEPER);
      await view.picture('adopt');
      await dialog.getByTestId('confirm').click();
      await expect
        .poll(() => view.text('backup-adopted'), { timeout: 3 * MINUTE })
        .toMatch(/Stanza shop was set up by somebody else and adopted/);
      await view.look();
      expect(await view.text('backups')).toMatch(/Repository 1: \/srv\/shop\.[\s\S]*It keeps 4 full backups/);
      expect(await sums()).toEqual(before);
    },
    10 * MINUTE,
  );

  it(
    'are made on request, proved, and bring the cluster back to a moment, with the configuration as it was',
    async () => {
      const before = await sums();
      await view.look();
      await known.opened.page.getByTestId('backups').getByRole('button', { name: 'Back up now' }).click();
      await view.followed(/Done/);
      expect(await on(KEEPER, `su postgres -c 'pgbackrest --stanza=${STANZA} info' | grep -c 'full backup: '`)).toMatch(
        /^2/,
      );
      await view.look();
      await view.open('Prove the newest');
      expect(await view.confirm(/Done/)).toMatch(/was restored on/);
      const first = await leader();
      await psql(first, 'create table orders (n int)');
      await psql(first, 'insert into orders select generate_series(1, 300)');
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const at = await psql(first, `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')`);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await psql(first, 'drop table orders');
      await view.look();
      const restore = await view.open('Restore the cluster');
      await restore.getByLabel('To this time').fill(at);
      await view.checked(/It begins with the backup/);
      await view.confirm(/Warning|Done/, 'Orders');
      for (const name of MEMBERS) expect(await psql(name, 'select count(*) from orders'), name).toBe('300');
      expect(await sums()).toEqual(before);
    },
    25 * MINUTE,
  );
});
