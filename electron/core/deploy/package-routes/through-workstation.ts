import { appError } from '../../../../shared/model/app-error';
import type { Sources } from '../../../../shared/model/deploy/spec/source-spec';
import { packageHosts } from '../../../../shared/rules/deploy/sources/package-hosts';
import type { Remote } from '../../ssh/remote';
import type { Outside } from './outside';
import { createPackageProxy } from './package-proxy';
import { proxyRoute, type PackageRoute } from './package-route';

/** An open route and its end. */
export interface OpenRoute {
  readonly route: PackageRoute;
  close(): Promise<void>;
}

/** apt knows best what its sources are, in whichever form they are written. */
const askSources = `apt-get indextargets --format '$(REPO_URI)' | sort -u`;

/**
 * Opens a port on the server's loopback that leads to a proxy in this program. Package hosts that were agreed to are let through,
 * nothing else is; names are looked up here. Rejects with `deploy.sources_unreadable` or `ssh.listen_refused`.
 */
export async function openThroughWorkstation(
  remote: Remote,
  sources: Sources,
  outside: Outside,
  onRefused: (asked: string, why: string) => void,
): Promise<OpenRoute> {
  const asked = await remote.script(askSources, [], { timeoutMs: 30_000 });
  if (asked.exitCode !== 0) {
    throw appError(
      'deploy.sources_unreadable',
      `apt on ${remote.name} cannot say what its package sources are: ${asked.stderr.trim().slice(0, 300)}`,
      { target: remote.name, hint: 'Correct /etc/apt/sources.list and the files beside it.' },
    );
  }
  const hosts = packageHosts(asked.stdout.split('\n'), sources);
  const proxy = createPackageProxy({ ...outside, hosts, onRefused });
  try {
    const listener = await remote.listen((stream) => {
      proxy.accept(stream);
    });
    return {
      route: proxyRoute(listener.port, hosts),
      close: async () => {
        try {
          await listener.close();
        } finally {
          proxy.close();
        }
      },
    };
  } catch (thrown) {
    proxy.close();
    throw thrown;
  }
}
