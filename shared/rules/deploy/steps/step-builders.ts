import type { DirectoryResource, FileResource, Step, UnitResource } from '../../../model/deploy/plan';
import { masked, type SecretReader } from '../secrets';

/** A file step before its text is made. */
export interface FileStepInput extends Pick<FileResource, 'checkedBy' | 'ifForeign' | 'onlyFirst'> {
  readonly server: string;
  readonly name: string;
  readonly label: string;
  readonly path: string;
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  readonly dependsOn: readonly string[];
  readonly render: (secret: SecretReader) => string;
}

/** A file, rendered twice: as it is written and as people see it. */
export function fileStep(input: FileStepInput, secret: SecretReader): Step {
  const { server, name, label, path, owner, group, mode, dependsOn, render, checkedBy, ifForeign, onlyFirst } = input;
  return {
    id: `${server}/${name}`,
    server,
    label,
    dependsOn,
    resource: {
      kind: 'file',
      path,
      owner,
      group,
      mode,
      content: render(secret),
      shown: render(() => masked),
      ...(checkedBy === undefined ? {} : { checkedBy }),
      ...(ifForeign === undefined ? {} : { ifForeign }),
      ...(onlyFirst === undefined ? {} : { onlyFirst }),
    },
  };
}

/** A directory with its owner and mode. */
export function directoryStep(
  server: string,
  name: string,
  label: string,
  dependsOn: readonly string[],
  directory: Omit<DirectoryResource, 'kind'>,
): Step {
  return { id: `${server}/${name}`, server, label, dependsOn, resource: { kind: 'directory', ...directory } };
}

/** A unit that shall run, and start again at a reboot. */
export function unitStep(
  server: string,
  name: string,
  label: string,
  dependsOn: readonly string[],
  unit: Pick<UnitResource, 'unit' | 'configuration' | 'onChange'> &
    Partial<Pick<UnitResource, 'noBlock' | 'alsoReload'>>,
): Step {
  return {
    id: `${server}/${name}`,
    server,
    label,
    dependsOn,
    resource: {
      kind: 'unit',
      unit: unit.unit,
      wanted: 'on',
      configuration: unit.configuration,
      onChange: unit.onChange,
      noBlock: unit.noBlock ?? false,
      alsoReload: unit.alsoReload ?? null,
    },
  };
}
