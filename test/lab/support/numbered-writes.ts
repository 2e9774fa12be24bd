import type { ReferenceCluster } from './cluster-file';
import type { Lab, NodeName } from './lab';

/** What a writer of its own saw. */
export interface NumberedWrites {
  /** From the first write that failed to the next that was acknowledged, the longest of all, ms. */
  readonly longestMs: number;
  readonly failed: number;
  readonly acknowledged: readonly number[];
}

/** Writes numbers by psql from a server to whichever member takes writes; ends by `stop`. */
export interface NumberedWriter {
  stop(): Promise<NumberedWrites>;
  /** The numbers that are there. */
  there(leader: NodeName): Promise<ReadonlySet<number>>;
}

/** One psql for each write, every 0.3 s whatever becomes of the ones before, each noted with when it began and ended. */
export async function startNumberedWrites(
  lab: Lab,
  { from, leader, cluster }: { readonly from: NodeName; readonly leader: NodeName; readonly cluster: ReferenceCluster },
): Promise<NumberedWriter> {
  const { superuser } = cluster.users;
  await lab.node(leader).psql('create table if not exists public.referee (n bigint primary key)');
  await lab.node(leader).psql('truncate public.referee');
  const hosts = cluster.members.map(({ ip }) => ip).join(',');
  await lab.node(from).console(
    `rm -rf /root/numbered; mkdir -m 700 /root/numbered; cd /root/numbered
echo '*:*:*:${superuser.username}:${superuser.password}' > pass; chmod 600 pass
cat > loop <<'X'
cd /root/numbered
write() {
  began=$(date +%s%3N)
  if PGPASSFILE=/root/numbered/pass PGCONNECT_TIMEOUT=2 timeout 4 psql -XAtq \\
    -d "host=${hosts} port=${cluster.port} user=${superuser.username} dbname=postgres target_session_attrs=read-write" \\
    -c "insert into public.referee values ($1)" >/dev/null 2>&1; then taken=yes; else taken=no; fi
  echo "$began $(date +%s%3N) $taken $1" >> notes
}
n=0
while [ ! -e stop ]; do
  n=$((n + 1)); write "$n" &
  sleep 0.3
done
wait
touch ended
X
setsid bash loop >/dev/null 2>&1 </dev/null &`,
  );
  return {
    stop: async () =>
      readNotes(
        await lab
          .node(from)
          .console(
            'cd /root/numbered; touch stop; for n in $(seq 60); do [ -e ended ] && break; sleep 0.2; done; cat notes',
          ),
      ),
    there: async (now) => {
      const rows = await lab.node(now).psql('select n from public.referee');
      return new Set(rows.split('\n').map(Number));
    },
  };
}

function readNotes(notes: string): NumberedWrites {
  const writes = notes
    .trim()
    .split('\n')
    .map((line) => {
      const [began = '0', ended = '0', taken = 'no', n = '0'] = line.split(' ');
      return { began: Number(began), ended: Number(ended), taken: taken === 'yes', n: Number(n) };
    })
    .sort((a, b) => a.began - b.began);
  let [longestMs, notBefore] = [0, 0];
  for (const [index, { began, taken }] of writes.entries()) {
    if (taken || began < notBefore) continue;
    const ends = writes.slice(index).flatMap((write) => (write.taken ? [write.ended] : []));
    if (ends.length === 0) break;
    notBefore = Math.min(...ends);
    longestMs = Math.max(longestMs, notBefore - began);
  }
  return {
    longestMs,
    failed: writes.filter(({ taken }) => !taken).length,
    acknowledged: writes.filter(({ taken }) => taken).map(({ n }) => n),
  };
}
