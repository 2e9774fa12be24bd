import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliDeployment } from './support/deployment';
import { openLab, type Lab } from './support/lab';
import { waitFor } from './support/run';

const MINUTE = 60_000;
/** dpkg's note of a package without which PostgreSQL does not start, and the file that matters. */
const listed = 'ls /var/lib/dpkg/info/libpq5*.list 2>/dev/null || true';
const library = "dpkg -L libpq5 | grep 'libpq.so.5[.]'";

describe('a server that loses power while packages are unpacked', () => {
  let lab: Lab;
  let cluster: CliDeployment;

  beforeAll(async () => {
    lab = await openLab({ name: 'power-cut', net: 38, nodes: ['n1'], suite: 'trixie', image: 'bare' });
    cluster = await CliDeployment.write(lab, ['n1']);
  }, 10 * MINUTE);

  afterAll(async () => {
    await lab?.down();
    await cluster?.close();
  }, 3 * MINUTE);

  it(
    'has damaged packages installed again, and becomes the same cluster',
    async () => {
      const node = lab.node('n1');
      const running = cluster.start(['apply', cluster.path('spec.yml'), '--json']);
      await waitFor('libpq5 is unpacked', 8 * MINUTE, async () => (await node.console(listed)) !== '');
      await lab.kill('n1');
      running.kill();
      await running.ended;
      await lab.up(['n1']);
      await node.console(`: > "$(${library})"`);
      expect(await node.console('dpkg --verify libpq5 || true'), 'the file is damaged as by a power cut').toContain(
        'libpq.so.5',
      );
      const { code, output } = await cluster.start(['resume', await cluster.lastRun(), '--json']).ended;
      expect(code, output.slice(-2000)).toBe(0);
      expect(await node.console('dpkg --verify libpq5 || true')).toBe('');
      expect(await node.console('dpkg --audit')).toBe('');
      expect(await cluster.own('n1', 'select 1')).toBe('1');
      await waitFor(
        'all is on the disk, and nothing is left to be repaired',
        MINUTE,
        async () => (await node.console('ls /var/lib/matriarch/*/unpacking.* 2>/dev/null || true')) === '',
      );
    },
    15 * MINUTE,
  );
});
