import type { ServerFacts } from '../../../model/deploy/facts';
import type {
  DirectoryResource,
  FileResource,
  ManifestResource,
  PackagesResource,
  UnitResource,
  WatchdogResource,
} from '../../../model/deploy/plan';
import { masked } from '../secrets';
import { toChange, create, refuse, toRun, settled, type Verdict } from './verdict';

/** A file against what is there. A file changed by somebody is replaced only with a copy kept beside. */
export function checkFile(file: FileResource, facts: ServerFacts): Verdict {
  const found = facts.paths[file.path];
  if (found === undefined || found.kind === 'absent') return create();
  if (found.kind !== 'file') return refuse(`${file.path} is there and is no file.`);
  const ours = facts.manifest?.files.some((entry) => entry.path === file.path) ?? false;
  if (file.ifForeign !== undefined && !ours)
    return refuse(`${file.path} is there, and this deployment did not make it. ${file.ifForeign}`);
  if (file.onlyFirst === true) return settled;
  if (!agrees(found.content, file.content)) return toChange('The content differs.');
  if (found.owner !== file.owner || found.group !== file.group)
    return toChange(`It belongs to ${found.owner}:${found.group}.`);
  return found.mode === file.mode ? settled : toChange(`Its mode is ${found.mode.toString(8)}.`);
}

/** Whether a file has the content that it should have. Where a secret is not known here, anything in one line may stand in its place. */
function agrees(found: string | null, wanted: string): boolean {
  if (found === wanted || found === null) return found === wanted;
  if (!wanted.includes(masked)) return false;
  const parts = wanted.split(masked).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^\\n]*')}$`).test(found);
}

/** A directory. One for data is never taken over when somebody else filled it. */
export function checkDirectory(directory: DirectoryResource, facts: ServerFacts): Verdict {
  const found = facts.paths[directory.path];
  if (found === undefined || found.kind === 'absent') return create();
  if (found.kind !== 'directory') return refuse(`${directory.path} is there and is no directory.`);
  const ours = facts.manifest?.data.includes(directory.path) ?? false;
  if (directory.holds === 'data' && !found.empty && !ours) {
    return refuse(
      `${directory.path} holds data that this deployment did not make. It will not be touched: move it away, or choose another directory.`,
    );
  }
  if (found.owner !== directory.owner || found.group !== directory.group)
    return toChange(`It belongs to ${found.owner}:${found.group}.`);
  return found.mode === directory.mode ? settled : toChange(`Its mode is ${found.mode.toString(8)}.`);
}

/** Packages against what dpkg says. */
export function checkPackages(resource: PackagesResource, facts: ServerFacts): Verdict {
  const missing = resource.packages.filter((name) => facts.packages[name] === undefined);
  if (facts.apt.interrupted || facts.made.pending)
    return toRun('An installation was interrupted on this server; it is brought to its end first.');
  if (missing.length === 0) return settled;
  return missing.length === resource.packages.length ? create() : toChange(`Missing: ${missing.join(', ')}.`);
}

/** A unit against systemd. One that somebody else set up and runs is not taken over. */
export function checkUnit(resource: UnitResource, facts: ServerFacts, configurationChanges: boolean): Verdict {
  const found = facts.units[resource.unit];
  if (resource.wanted === 'off') return checkOff(resource, facts);
  if (found === undefined || found.load === 'not-found') return create();
  const ours = facts.manifest?.units.some((unit) => unit.unit === resource.unit) ?? false;
  if (!ours && found.active === 'active')
    return refuse(`${resource.unit} already runs on this server, and this deployment did not set it up.`);
  if (found.load === 'masked') return toChange('It is kept from starting.');
  if (found.active !== 'active') return toChange(`It is ${found.active}.`);
  if (configurationChanges) return toChange('Its configuration changes.');
  if (!found.fresh) return toChange('It has not read its present configuration.');
  return found.enabled === 'enabled' ? settled : toChange('It does not start at boot.');
}

function checkOff(resource: UnitResource, facts: ServerFacts): Verdict {
  const found = facts.units[resource.unit];
  if (found === undefined || found.load === 'not-found') return toRun();
  const before = facts.manifest?.units.find((unit) => unit.unit === resource.unit)?.before;
  if (found.load === 'masked' && before !== undefined && !before.startsWith('masked'))
    return toChange('It is kept from starting by an installation that was broken off.');
  const off = found.enabled !== 'enabled' && found.active !== 'active';
  return off ? settled : toChange(`It is ${found.enabled} and ${found.active}.`);
}

/** The watchdog's device against what is there: Patroni runs as its owner and must be able to write to it. */
export function checkWatchdog(resource: WatchdogResource, facts: ServerFacts): Verdict {
  const found = facts.paths[resource.device];
  if (found === undefined || found.kind === 'absent')
    return create(resource.load ? 'softdog is loaded.' : 'It is not there.');
  return found.owner === resource.owner ? settled : toChange(`It belongs to ${found.owner}:${found.group}.`);
}

/** The manifest as it lies on the server. One of version 0.1.0 gets its cluster's id when there is something else to note. */
export function checkManifest(resource: ManifestResource, facts: ServerFacts): Verdict {
  const { manifest } = facts;
  if (manifest === null) return create();
  const { cluster: noted = resource.manifest.cluster, ...there } = manifest;
  const { cluster, ...wanted } = resource.manifest;
  return noted === cluster && JSON.stringify(there) === JSON.stringify(wanted)
    ? settled
    : toChange('There is more to note.');
}
