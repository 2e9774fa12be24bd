import type {
  CertificateResource,
  DirectoryResource,
  FileResource,
  ManifestResource,
  Step,
  UnitResource,
  ValidateResource,
} from '../../../../shared/model/deploy/plan';
import { quoteWord } from '../../ssh/run/quote';
import type { FragmentContext } from './fragment-context';
import { takeoverFragment } from '../day2/takeover-fragment';
import { packagesFragment } from './packages-fragment';
import { archiveFragment, virtualenvFragment } from './program-fragments';
import { undoFragment } from './undo-fragment';
import { watchdogFragment } from './watchdog-fragment';

/** The shell text that makes one resource so, or null for what is not made by a script on the server. */
export function fragment(step: Step, context: FragmentContext): string | null {
  const { resource } = step;
  switch (resource.kind) {
    case 'manifest':
      return manifestFragment(resource, context);
    case 'file':
      return fileFragment(resource, context.backupOf(resource.path));
    case 'directory':
      return directoryFragment(resource);
    case 'unit':
      return unitFragment(resource);
    case 'packages':
      return packagesFragment(resource, context.stateDirectory, context.packages);
    case 'archive':
      return archiveFragment(resource, context.stateDirectory, context.packages);
    case 'virtualenv':
      return virtualenvFragment(resource, context.stateDirectory, context.packages);
    case 'certificate':
      return certificateFragment(step.id, resource, context);
    case 'watchdog':
      return watchdogFragment(resource);
    case 'validate':
      return validateFragment(resource);
    case 'undo':
      return resource.part === 'scope' ? null : undoFragment(resource, context);
    case 'adopt':
      return resource.part === 'restart' ? takeoverFragment(resource) : null;
    default:
      return null;
  }
}

function put(path: string, owner: string, group: string, mode: number, backup: string, content: string): string {
  const words = [path, owner, group, mode.toString(8).padStart(4, '0'), backup].map((word) =>
    word === '' ? "''" : quoteWord(word),
  );
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return `put ${words.join(' ')} <<'END_OF_FILE'\n${lines.join('\n')}\nEND_OF_FILE`;
}

function fileFragment(file: FileResource, backup: string): string {
  return put(file.path, file.owner, file.group, file.mode, backup, file.content);
}

/** What /etc holds is noted with the manifest, before the first step writes there: an undo keeps the directories that were there. */
function manifestFragment(resource: ManifestResource, context: FragmentContext): string {
  return `note_etc\n${put(context.manifestPath, 'root', 'root', 0o600, '', `${JSON.stringify(resource.manifest, null, 2)}\n`)}`;
}

/** The key goes first: a certificate without its key would keep a service from starting. */
function certificateFragment(id: string, resource: CertificateResource, context: FragmentContext): string {
  const issued = context.issued.get(id);
  if (issued === undefined) return 'echo "No certificate was made for this step." >&2; exit 1';
  const { owner, group, ca, cert, key } = resource;
  return [
    put(key, owner, group, 0o600, context.backupOf(key), issued.key),
    put(cert, owner, group, 0o644, context.backupOf(cert), issued.cert),
    put(ca, owner, group, 0o644, context.backupOf(ca), issued.ca),
  ].join('\n');
}

/** What a service fills it may also move away or make anew, as Patroni does after a copy that failed: the directory above is the service's, too. */
function directoryFragment(directory: DirectoryResource): string {
  return `directory ${[directory.path, directory.owner, directory.group, directory.mode.toString(8).padStart(4, '0'), directory.holds].map(quoteWord).join(' ')}`;
}

function unitFragment(resource: UnitResource): string {
  const unit = quoteWord(resource.unit);
  if (resource.wanted === 'off') return `unit_off ${unit}`;
  const how = resource.onChange === 'reload' ? 'reload-or-restart' : 'restart';
  const on = [
    'unit_on',
    unit,
    how,
    resource.noBlock ? '--no-block' : "''",
    ...resource.configuration.map(quoteWord),
  ].join(' ');
  if (resource.alsoReload === null) return on;
  const pid = quoteWord(resource.alsoReload);
  return `${on}\nif [ -f ${pid} ]; then kill -HUP "$(head -n 1 ${pid})" 2>/dev/null || true; fi`;
}

/**
 * Patroni's own check. It also tries every etcd member; one that is still being installed is no fault of the
 * file, nor are the ports that a running Patroni and its PostgreSQL hold themselves. Such lines are passed over as
 * long as they are the only ones.
 */
function validateFragment(resource: ValidateResource): string {
  const path = quoteWord(resource.path);
  return [
    `if said=$(runuser -u postgres -- ${quoteWord(resource.program)} --validate-config ${path} 2>&1); then :; else`,
    `  held=NONE; [ ${resource.occupied ? '' : '"$(systemctl is-active patroni.service)" != active'} ] || held="is already in use\\|already running"`,
    `  left=$(printf '%s\\n' "$said" | grep -v -e "$held" -e '^etcd3\\.hosts' -e "didn't pass validation: .*\\(refused\\|timed out\\|unreachable\\)" -e '^$' || true)`,
    '  [ -z "$left" ] || { printf \'%s\\n\' "$left" >&2; exit 1; }',
    'fi',
  ].join('\n');
}
