import type { VirtualenvResource } from '../../../../../shared/model/deploy/plan';
import { quoteWord } from '../../../ssh/run/quote';
import type { PackageRoute } from '../../package-routes/package-route';
import { uploadDirectory } from '../../sources/upload-place';
import type { ScriptContext } from '../script-context';
import { scriptLinks } from './program-links';

/**
 * Makes a virtual environment and lets pip install into it. An environment that was never complete is made anew; one that
 * is in use is changed in place. pip works in a private directory and leaves no cache.
 */
export function scriptVirtualenv(resource: VirtualenvResource, { stateDirectory, packages }: ScriptContext): string {
  const { directory, stamp, requirements, links } = resource;
  const pip = [
    'install',
    '--no-input',
    '--disable-pip-version-check',
    '--no-cache-dir',
    '--progress-bar',
    'off',
    '--retries',
    '2',
    '--timeout',
    '30',
    ...placeOptions(resource, stateDirectory, packages),
    ...requirements,
  ];
  return [
    `DIR=${quoteWord(directory)} STAMP=${quoteWord(stamp.path)}`,
    `mkdir -p -m 0755 -- "$STATE"; rm -rf -- "$STATE/pip"; mkdir -m 0700 -- "$STATE/pip"; trap 'rm -rf -- "$STATE/pip"' EXIT`,
    'TMPDIR=$STATE/pip HOME=$STATE/pip; export TMPDIR HOME',
    ...(resource.from.kind === 'own' ? [] : ['PIP_CONFIG_FILE=/dev/null; export PIP_CONFIG_FILE']),
    '[ -f "$STAMP" ] || rm -rf --one-file-system -- "$DIR"',
    'mkdir -p -m 0755 -- "$(dirname -- "$DIR")"',
    '[ -x "$DIR/bin/pip" ] || python3 -m venv "$DIR"',
    `"$DIR/bin/pip" ${pip.map(quoteWord).join(' ')} < /dev/null`,
    '"$DIR/bin/patroni" --version < /dev/null',
    `printf '%s' ${quoteWord(stamp.content)} > "$STAMP.new"; sync -f "$STAMP.new"; mv -f -- "$STAMP.new" "$STAMP"`,
    ...scriptLinks(links),
  ].join('\n');
}

/** An index without TLS must be named as trusted; the spec's check warns of it. */
function placeOptions({ from }: VirtualenvResource, stateDirectory: string, route: PackageRoute): readonly string[] {
  const proxy = route.proxy === null ? [] : ['--proxy', route.proxy];
  switch (from.kind) {
    case 'wheels':
      return ['--no-index', '--find-links', `${uploadDirectory(stateDirectory)}/wheels`];
    case 'own':
      return proxy;
    case 'index': {
      const url = new URL(from.url);
      return ['--index-url', from.url, ...(url.protocol === 'http:' ? ['--trusted-host', url.host] : []), ...proxy];
    }
  }
}
