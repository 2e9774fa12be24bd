import { aptCauses } from './apt';
import { archiveCauses } from './archive';
import { etcdCauses } from './etcd';
import type { Cause, KnownCause } from './known-cause';
import { patroniDataCauses, patroniDcsCauses } from './patroni';
import { pipCauses } from './pip';
import { postgresAccessCauses, postgresDataCauses } from './postgres';
import { permissionCauses, scarceCauses, systemCauses } from './system';

const all: readonly KnownCause[] = [
  ...patroniDataCauses,
  ...postgresDataCauses,
  ...systemCauses,
  ...etcdCauses,
  ...patroniDcsCauses,
  ...archiveCauses,
  ...pipCauses,
  ...aptCauses,
  ...scarceCauses,
  ...postgresAccessCauses,
  ...permissionCauses,
];

const isDiskFull = (cause: KnownCause): boolean => cause.code === 'deploy.disk_full';

/** In the order of how much they explain: a full disk makes other lines appear, so it is looked for first. */
const known: readonly KnownCause[] = [...all.filter(isDiskFull), ...all.filter((cause) => !isDiskFull(cause))];

/** The known cause in a text of log lines, or null when none is recognised. */
export function classify(text: string): Cause | null {
  const lines = text.split('\n');
  for (const cause of known) {
    for (const line of lines) {
      const match = cause.pattern.exec(line);
      if (match !== null)
        return { code: cause.code, sentence: cause.sentence(match), hint: cause.hint, line: line.trim().slice(0, 300) };
    }
  }
  return null;
}
