import type { FactsResult, ServerFactsView } from '../../../../shared/model/deploy/deploy-views';
import type { ServerFacts } from '../../../../shared/model/deploy/facts';
import { appError } from '../../../../shared/model/app-error';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { Collected } from './collect';

/** The facts as the page may see them: no content of any file. */
export function factsResults(
  spec: Pick<ClusterSpec, 'servers'>,
  collected: Pick<Collected, 'servers' | 'errors'>,
): readonly FactsResult[] {
  return spec.servers.map((server): FactsResult => {
    const facts = collected.servers[server.name];
    if (facts !== undefined) return { server: server.name, facts: factsView(facts), error: null };
    const error =
      collected.errors[server.name] ?? appError('deploy.server_unreachable', `${server.name} was not inspected.`).data;
    return { server: server.name, facts: null, error };
  });
}

function factsView(facts: ServerFacts): ServerFactsView {
  const { paths: _paths, manifest: _manifest, ...view } = facts;
  return view;
}
