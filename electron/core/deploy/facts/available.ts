import { appError, toErrorData } from '../../../../shared/model/app-error';
import type { AvailableVersions } from '../../../../shared/model/deploy';
import type { Sources } from '../../../../shared/model/spec/source-spec';
import type { Remote } from '../../ssh/remote';
import { withPackages } from '../offline/with-packages';

const script = `
LC_ALL=C; export LC_ALL
if [ "$1" = refresh ]; then shift; apt-get -o DPkg::Lock::Timeout=120 "$@" update -q >/dev/null 2>&1 || { echo 'The package lists could not be fetched.' >&2; exit 3; }; fi
apt-cache policy patroni etcd-server haproxy pgbouncer keepalived $(apt-cache pkgnames postgresql- | grep -E '^postgresql-[0-9]+$' || true) 2>/dev/null |
  awk '/^[^ ]/ { sub(/:$/, ""); n = $0; w = 0 } /^  Candidate:/ { c = $2; if (c != "(none)") v[n] = c } /^ (\\*\\*\\*|   ) [^ ]/ { w = ($1 == "***" ? $2 : $1) == v[n] } w && /^ +[0-9]+ https?:/ && !(n in o) { o[n] = $2 " " $3 } END { for (n in v) print n "\\t" v[n] "\\t" o[n] }'
`;

/** What a server's package sources offer, as apt says. With `refresh`, the lists are fetched first (root), by the spec's way to packages. */
export async function availableOn(server: string, remote: Remote, sources: Sources, refresh: boolean): Promise<AvailableVersions> {
  try {
    const ask = (options: readonly string[]) => remote.script(script, [refresh ? 'refresh' : 'no', ...options], { timeoutMs: 300_000, sudo: refresh });
    const result = await (refresh ? withPackages(remote, sources, ask) : ask([]));
    if (result.exitCode !== 0) throw appError('deploy.repository_unreachable', `${server}: ${result.stderr.trim() || 'apt does not answer'}`, { target: server, retryable: true, hint: 'Check the network of the server, or let packages come through this workstation.' });
    return { ...read(server, result.stdout), error: null };
  } catch (thrown) {
    return { ...read(server, ''), error: toErrorData(thrown) };
  }
}

function read(server: string, text: string): Omit<AvailableVersions, 'error'> {
  const rows = text.split('\n').map((line) => line.split('\t'));
  const version = (name: string): string | null => rows.find((row) => row[0] === name)?.[1] ?? null;
  const postgres = rows.flatMap(([name = '', found = '', origin = '']) => {
    const match = /^postgresql-(\d+)$/.exec(name);
    return match === null || found === '' ? [] : [{ major: Number(match[1]), version: found, origin: origin.trim() }];
  });
  return {
    server, postgres: postgres.sort((a, b) => b.major - a.major),
    patroni: version('patroni'), etcd: version('etcd-server'), haproxy: version('haproxy'), pgbouncer: version('pgbouncer'), keepalived: version('keepalived'),
  };
}
