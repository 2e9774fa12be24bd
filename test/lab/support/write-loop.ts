import type { ReferenceCluster } from './cluster-file';
import type { LabNode } from './lab';

/** The referee of a drill: psql on a server's console that writes by one port, with a database and a notebook of its own. */
export interface WriteLoop {
  /** Ends it and answers the longest time from a write that failed to the next one that was acknowledged, ms. */
  stop(): Promise<number>;
}

const DIRECTORY = '/root/referee';

/**
 * What the loop does: a new psql for each write, every 0.3 s whatever becomes of the ones before, and a line with when it began, ended and
 * whether it was taken.
 */
function loopScript(port: number, { username }: ReferenceCluster['users']['superuser']): string {
  return `cd ${DIRECTORY}
write() {
  began=$(date +%s%3N)
  if PGPASSFILE=${DIRECTORY}/pass PGCONNECT_TIMEOUT=2 timeout 3 psql -XAtq -h 127.0.0.1 -p ${port} -U ${username} -d referee \\
    -c "insert into written values ($1)" >/dev/null 2>&1; then taken=yes; else taken=no; fi
  echo "$began $(date +%s%3N) $taken" >> notes
}
n=0
while [ ! -e stop ]; do
  n=$((n + 1)); write "$n" &
  sleep 0.3
done
wait
touch ended`;
}

/** Makes the referee's database where it is not there yet, and begins to write through HAProxy on that server. */
export async function startWriteLoop(node: LabNode, leader: LabNode, cluster: ReferenceCluster): Promise<WriteLoop> {
  const { superuser } = cluster.users;
  const there = await leader.psql("select count(*) from pg_database where datname = 'referee'", {
    scope: cluster.scope,
  });
  if (there === '0') await leader.psql('create database referee', { scope: cluster.scope });
  const port = cluster.proxy?.primary ?? 5000;
  const ask = `PGPASSFILE=${DIRECTORY}/pass psql -XAtq -h 127.0.0.1 -p ${port} -U ${superuser.username} -d referee`;
  await node.console(
    `rm -rf ${DIRECTORY}; mkdir -m 700 ${DIRECTORY}; cd ${DIRECTORY}
echo '*:*:*:${superuser.username}:${superuser.password}' > pass; chmod 600 pass
${ask} -c 'drop table if exists written; create table written (n bigint)'
cat > loop <<'X'
${loopScript(port, superuser)}
X
setsid bash loop >/dev/null 2>&1 </dev/null &`,
  );
  return {
    stop: async () => {
      const notes = await node.console(
        `cd ${DIRECTORY}; touch stop; for n in $(seq 40); do [ -e ended ] && break; sleep 0.2; done; cat notes`,
      );
      return longestOf(notes);
    },
  };
}

/** From the begin of a failed write to the first end of one that began then or later and was taken, the longest of all, ms. */
function longestOf(notes: string): number {
  const writes = notes
    .trim()
    .split('\n')
    .map((line) => {
      const [began = 0, ended = 0] = line.split(' ').map(Number);
      return { began, ended, taken: line.endsWith(' yes') };
    })
    .sort((a, b) => a.began - b.began);
  let longest = 0;
  let notBefore = 0;
  for (const [index, { began, taken }] of writes.entries()) {
    if (taken || began < notBefore) continue;
    const ends = writes.slice(index).flatMap((write) => (write.taken ? [write.ended] : []));
    if (ends.length === 0) break;
    notBefore = Math.min(...ends);
    longest = Math.max(longest, notBefore - began);
  }
  return longest;
}
