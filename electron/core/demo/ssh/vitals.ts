import { VITALS_SCRIPT_FIRST_LINE } from '../../vitals/vitals-script';
import { diskOf } from '../model/disk';
import type { DemoHost } from '../network/network';

const word = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** What the script for disks prints on a simulated server, all of it on one disk; null for another script. */
export function answerVitalsScript({ driver, member }: DemoHost, script: string): string | null {
  if (!script.startsWith(VITALS_SCRIPT_FIRST_LINE)) return null;
  const { size, free } = diskOf(driver.sim);
  const uses = ['the data directory', 'pg_wal', ...(member.hasEtcd ? ['etcd'] : []), 'the root'];
  return [...uses.map((use) => `disk ${word(use)} ${word('/')} ${size} ${free}`), 'end', ''].join('\n');
}
