import { appError } from '../../../../shared/model/app-error';
import type { AdoptedCluster } from '../../../../shared/model/deploy/day2';
import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import { adoptedSecrets, adoptSpec, type FoundMember } from '../../../../shared/rules/deploy/day2/adopt-spec';
import { askForConfigs, mergeFound } from '../../clusters/discovery/found-config';
import { refusedInWords } from '../../patroni/config/environment';
import { isConfigSection } from '../../patroni/config/patch-config';
import { servicesOn } from '../../services/read-services';
import { readYaml } from '../../../../shared/rules/configure/yaml/read-yaml';
import { textOfValue } from '../../../../shared/rules/configure/yaml/yaml-scalars';
import type { Remote } from '../../ssh/remote';
import type { SecretBook } from '../secrets/secret-book';

type Dynamic = Readonly<Record<string, unknown>>;

/** What adopting works with: the way to a server of the inventory by its id, and where passwords are kept. */
export interface AdoptDeps {
  readonly connectEntry: (serverId: string) => Remote;
  /** The dynamic configuration as the live cluster has it; null where neither etcd nor a member tells it. */
  readonly readDynamic: (clusterId: string) => Promise<Dynamic | null>;
  readonly secrets: SecretBook;
}

const defaultPath = '/etc/patroni/config.yml';

/** A member, and the file or directory that its Patroni is started with; '' where it has only its environment. */
interface ReadMember extends FoundMember {
  readonly path: string;
}

/**
 * Describes a cluster of the inventory as it is: reads the members' own configuration and the dynamic one. Nothing
 * on the servers is changed. Passwords that stand there are kept for this cluster, where none are kept yet.
 */
export async function adopt(entry: ClusterEntry, deps: AdoptDeps): Promise<AdoptedCluster> {
  const path = entry.configPath ?? defaultPath;
  const found = await Promise.all(
    entry.members.map(async (member) => ({
      name: member.name,
      member: member.serverId === null ? null : await readMember(entry, member.name, member.serverId, path, deps),
    })),
  );
  const members = found.flatMap(({ member }) => member ?? []);
  const adopted = adoptSpec({
    id: entry.id,
    scope: entry.scope,
    namespace: entry.namespace,
    citusGroup: entry.citusGroup ?? null,
    title: entry.title,
    members,
    unreached: found.filter(({ member }) => member === null).map(({ name }) => name),
    dynamic: members.length === 0 ? {} : await dynamicConfig(entry, members, deps),
  });
  for (const [name, value] of adoptedSecrets(members[0]?.config ?? {})) {
    if ((await deps.secrets.read(entry.id, name)) === undefined) await deps.secrets.write(entry.id, name, value);
  }
  return adopted;
}

/** A member's configuration as its Patroni reads it; null where its server cannot be asked or has no such configuration. */
async function readMember(
  entry: ClusterEntry,
  name: string,
  serverId: string,
  path: string,
  deps: AdoptDeps,
): Promise<ReadMember | null> {
  const remote = deps.connectEntry(serverId);
  const answer = await askForConfigs(remote, name, true).catch(() => null);
  const merged = (answer?.configs ?? []).map((found) => ({ found, merged: mergeFound(found) }));
  const meant =
    merged.find(({ found }) => found.path === path) ??
    merged.find(({ merged: one }) => one.kind === 'config' && textOfValue(one.config['scope']) === entry.scope);
  if (meant === undefined) return null;
  if (meant.merged.kind === 'config') {
    const services = await servicesOn(remote).catch(() => null);
    return { name, serverId, config: meant.merged.config, path: meant.found.path, services };
  }
  throw appError('deploy.config_unreadable', `On the server of ${name}, ${refusedInWords(meant.merged.file)}`, {
    target: name,
    hint: 'Mend the file (patroni --validate-config says the same), then describe the cluster again.',
  });
}

/**
 * The live cluster tells the dynamic configuration; else patronictl of a member, which knows nothing of what stands in the environment
 * of Patroni's unit.
 */
async function dynamicConfig(entry: ClusterEntry, members: readonly ReadMember[], deps: AdoptDeps): Promise<Dynamic> {
  const live = await deps.readDynamic(entry.id).catch(() => null);
  if (live !== null) return live;
  for (const { serverId, path } of members.filter((member) => member.path !== '')) {
    const result = await deps
      .connectEntry(serverId)
      .run(['patronictl', '-c', path, 'show-config'], { timeoutMs: 30_000, sudo: true });
    const answer = result.exitCode === 0 ? readYaml(result.stdout) : null;
    if (answer?.kind === 'value' && isConfigSection(answer.value)) return answer.value;
  }
  throw appError(
    'deploy.cannot_describe',
    `${entry.title} cannot be described: its dynamic configuration cannot be read.`,
    { target: entry.title, hint: 'Check that its etcd or the REST API of a member answers, then try again.' },
  );
}
