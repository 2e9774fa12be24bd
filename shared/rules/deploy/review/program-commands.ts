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
  const place =
    from.kind === 'index'
      ? ` --index-url ${from.url}`
      : from.kind === 'wheels'
        ? ' --no-index --find-links WHEELS'
        : '';
  return [
    `python3 -m venv ${directory}`,
    `${directory}/bin/pip install --no-input${place} ${requirements.map((entry) => `'${entry}'`).join(' ')}`,
  ];
}
