import { parse } from 'yaml';
import type { AdoptedCluster } from '../../../../shared/model/deploy/day2';
import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import { adoptedSecrets, adoptSpec, type FoundMember } from '../../../../shared/rules/deploy/day2/adopt-spec';
import type { Remote } from '../../ssh/remote';
import type { SecretBook } from '../secrets/secret-book';

/** What adopting works with: the way to a server of the inventory by its id, and where passwords are kept. */
export interface AdoptDeps {
  readonly connectEntry: (serverId: string) => Remote;
  readonly secrets: SecretBook;
}

const defaultPath = '/etc/patroni/config.yml';

/**
 * Describes a cluster of the inventory as it is: reads the members' own configuration and the dynamic one. Nothing
 * on the servers is changed. Passwords that stand there are kept for this cluster, where none are kept yet.
 */
export async function adopt(entry: ClusterEntry, deps: AdoptDeps): Promise<AdoptedCluster> {
  const path = entry.configPath ?? defaultPath;
  const found = await Promise.all(
    entry.members.map(async (member) => ({
      name: member.name,
      member: member.serverId === null ? null : await readMember(member.name, member.serverId, path, deps),
    })),
  );
  const members = found.flatMap(({ member }) => member ?? []);
  const adopted = adoptSpec({
    id: entry.id,
    scope: entry.scope,
    namespace: entry.namespace,
    title: entry.title,
    members,
    unreached: found.filter(({ member }) => member === null).map(({ name }) => name),
    dynamic: await dynamicConfig(members, path, deps),
  });
  for (const [name, value] of adoptedSecrets(members[0]?.config ?? {})) {
    if ((await deps.secrets.read(entry.id, name)) === undefined) await deps.secrets.write(entry.id, name, value);
  }
  return adopted;
}

async function readMember(name: string, serverId: string, path: string, deps: AdoptDeps): Promise<FoundMember | null> {
  const file = await deps
    .connectEntry(serverId)
    .readFile(path, { sudo: true, maxBytes: 1024 * 1024 })
    .catch(() => null);
  return file === null ? null : { name, serverId, config: yamlSection(file.toString('utf8')) };
}

async function dynamicConfig(
  members: readonly FoundMember[],
  path: string,
  deps: AdoptDeps,
): Promise<Record<string, unknown>> {
  for (const { serverId } of members) {
    const result = await deps
      .connectEntry(serverId)
      .run(['patronictl', '-c', path, 'show-config'], { timeoutMs: 30_000, sudo: true });
    if (result.exitCode === 0) return yamlSection(result.stdout);
  }
  return {};
}

function yamlSection(text: string): Record<string, unknown> {
  try {
    const read: unknown = parse(text, { maxAliasCount: 20 });
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : {};
  } catch {
    return {};
  }
}
