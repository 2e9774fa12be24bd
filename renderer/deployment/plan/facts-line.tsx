import type { ServerFactsView } from '../../../shared/model/deploy/deploy-views';
import { formatBytes, plural } from '../../ui/format';
import { Mark } from '../../ui/mark';
import { printable } from '../../ui/text';

/** What a look at a server gave, in a few lines. `way` is how it is reached. */
export function FactsLine({ facts, way }: { readonly facts: ServerFactsView; readonly way: string }) {
  const free = Math.max(0, ...facts.disks.map((disk) => disk.freeBytes));
  const machine = [
    facts.os.title,
    facts.architecture,
    plural(facts.cpus, 'CPU'),
    `${formatBytes(facts.memoryBytes)} memory`,
    `${formatBytes(free)} free`,
  ];
  const found = [
    ...facts.postgresClusters.map(
      (cluster) => `PostgreSQL ${cluster.version} in ${cluster.directory}${cluster.running ? ', running' : ''}`,
    ),
    ...facts.etcdDirectories.map((directory) => `etcd data in ${directory}`),
  ];
  return (
    <div className="m-stack-tight">
      {facts.root ? <Mark tone="good" word="In order" /> : <Mark tone="crit" word="Cannot become root" />}
      <span className="m-small m-wrap">{printable(machine.join(' · '))}</span>
      <span className="m-small m-muted m-mono m-wrap">
        {printable(way)}
        {facts.hostname === '' ? '' : ` · ${printable(facts.hostname)}`}
      </span>
      {found.map((text) => (
        <span key={text} className="m-small m-tone-warn m-wrap">
          Found there: {printable(text)}. It is left alone.
        </span>
      ))}
    </div>
  );
}
