import { diskOf } from '../model/disk';
import type { DemoHost } from '../network/network';
import { virtualFiles } from './virtual-files';

/** What the script of the diagnostic bundle prints on a simulated server. */
export function diagnosticsAnswer(host: DemoHost): string {
  const { driver, member } = host;
  const files = virtualFiles(host);
  const { size, free } = diskOf(driver.sim);
  const parts: Readonly<Record<string, string | undefined>> = {
    'system/uname.txt': `Linux ${member.name} 6.12.0-demo #1 SMP x86_64 GNU/Linux\n`,
    'system/os-release.txt': files['/etc/os-release'],
    'system/disks.txt': `Filesystem Size Free Mounted on\n/dev/vdb1 ${size} ${free} /\n`,
    'versions/patroni.txt': `patroni ${driver.sim.spec.version}\n`,
    'etcd/default-etcd.txt': files['/etc/default/etcd'],
  };
  const lines = Object.entries(parts).flatMap(([name, text]) =>
    text === undefined ? [] : [`part ${name} ${Buffer.from(text, 'utf8').toString('base64')}`],
  );
  return [...lines, 'end', ''].join('\n');
}
