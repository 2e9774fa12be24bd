import type { ArchiveResource, VirtualenvResource } from '../../../model/deploy/plan';

/** How an archive is unpacked, as a person would type it. */
export function archiveCommands(resource: ArchiveResource): readonly string[] {
  const { url, file, sha256, directory } = resource;
  return [
    url === null ? `# ${file} is sent by this workstation` : `/usr/lib/apt/apt-helper download-file ${url} ${file}`,
    `echo '${sha256}  ${file}' | sha256sum -c`,
    `tar -xzf ${file} --strip-components=1 -C ${directory}`,
  ];
}

/** How a virtual environment is made, as a person would type it. */
export function virtualenvCommands(resource: VirtualenvResource): readonly string[] {
  const { directory, from, requirements } = resource;
  return [
    `python3 -m venv ${directory}`,
    `${directory}/bin/pip install --no-input${placeOption(from)} ${requirements.map((entry) => `'${entry}'`).join(' ')}`,
  ];
}

function placeOption(from: VirtualenvResource['from']): string {
  switch (from.kind) {
    case 'index':
      return ` --index-url ${from.url}`;
    case 'wheels':
      return ' --no-index --find-links WHEELS';
    case 'own':
      return '';
  }
}
