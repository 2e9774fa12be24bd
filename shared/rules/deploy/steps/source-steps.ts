import type { Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { etcdUnit, patroniUnit } from '../files/own-units';
import { layoutOf } from '../layout';
import { archiveResource, patroniProgram, virtualenvResource } from '../sources/programs';
import { keyText, repositoriesFor, repositoryFiles, repositoryLabel, repositoryText } from '../sources/repositories';
import type { PlanInput } from './plan-input';
import { archiveId, packagesId } from './package-steps';
import { fileStep } from './step-builders';

/** The id of the step that makes Patroni's virtual environment. */
export function virtualenvId(server: string): string {
  return `${server}/patroni-virtualenv`;
}

/** The key and the list of each added repository, written before anything is installed. */
export function repositorySteps(input: PlanInput, server: ServerSpec): Step[] {
  const facts = input.facts.servers[server.name];
  if (facts === undefined) return [];
  const root = { server: server.name, owner: 'root', group: 'root', mode: 0o644 };
  return repositoriesFor(input.spec, facts).flatMap((repository) => {
    const { name, list, key } = repositoryFiles(repository);
    const { keyPem } = repository;
    const label = repositoryLabel(repository);
    const before = [`${server.name}/manifest`, packagesId(server.name, 'trust')];
    return [
      ...(keyPem === undefined
        ? []
        : [
            fileStep(
              {
                ...root,
                name: `key-${name}`,
                label: `Package source ${label}: the key that must sign it`,
                path: key,
                dependsOn: before,
                render: () => keyText(keyPem),
              },
              input.secret,
            ),
          ]),
      fileStep(
        {
          ...root,
          name: `source-${name}`,
          label: `Package source ${label}`,
          path: list,
          dependsOn: [...before, `${server.name}/key-${name}`],
          render: () => repositoryText(repository, facts.os.codename, key),
        },
        input.secret,
      ),
    ];
  });
}

/**
 * etcd's programs and unit where it is no package. They stand before the packages: nothing is installed beside an
 * archive that is refused.
 */
export function archiveSteps(input: PlanInput, server: ServerSpec): Step[] {
  const { etcd } = input.spec.sources;
  if (etcd.kind !== 'archive' || !server.roles.includes('etcd')) return [];
  const resource = archiveResource(etcd);
  return [
    {
      id: archiveId(server.name),
      server: server.name,
      label: `etcd: unpack ${resource.file}`,
      dependsOn: [`${server.name}/manifest`, packagesId(server.name, 'trust')],
      resource,
    },
    fileStep(
      {
        server: server.name,
        name: 'etcd-unit',
        label: 'etcd: its unit',
        path: layoutOf(input.spec).etcdUnit,
        owner: 'root',
        group: 'root',
        mode: 0o644,
        dependsOn: [archiveId(server.name)],
        render: () => etcdUnit(resource.directory),
      },
      input.secret,
    ),
  ];
}

/** Patroni's virtual environment and unit where it is no package. */
export function virtualenvSteps(input: PlanInput, server: ServerSpec): Step[] {
  const { patroni } = input.spec.sources;
  if (patroni.kind !== 'pip') return [];
  const { patroniUnit: path, patroniConfig } = layoutOf(input.spec);
  const installed = packagesId(server.name, 'services');
  return [
    {
      id: virtualenvId(server.name),
      server: server.name,
      label: `Patroni: pip in a virtual environment${patroni.version === undefined ? '' : ` (${patroni.version})`}`,
      dependsOn: [installed],
      resource: virtualenvResource(patroni),
    },
    fileStep(
      {
        server: server.name,
        name: 'patroni-unit',
        label: 'Patroni: its unit',
        path,
        owner: 'root',
        group: 'root',
        mode: 0o644,
        dependsOn: [virtualenvId(server.name)],
        render: () => patroniUnit(patroniProgram(input.spec.sources), patroniConfig),
      },
      input.secret,
    ),
  ];
}
