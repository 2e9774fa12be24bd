import type { ServerFactsView } from '../../../shared/model/deploy/deploy-views';
import { releaseNote } from '../../../shared/rules/deploy/preflight/machine-checks';
import { formatBytes, plural } from '../../ui/wording/format';
import { Mark } from '../../ui/mark';
import { printable } from '../../ui/text';

/** The facts of a server in a few lines. `login` is how it is reached, such as root@db1. */
export function FactsLine({ facts, login }: { readonly facts: ServerFactsView; readonly login: string }) {
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
      <Readiness facts={facts} />
      <span className="m-small m-wrap">{printable(machine.join(' · '))}</span>
      <span className="m-small m-muted m-mono m-wrap">
        {printable(login)}
        {facts.hostname === '' ? '' : ` · ${printable(facts.hostname)}`}
      </span>
      {found.map((text) => (
        <span key={text} className="m-small m-tone-warn m-wrap">
          Already on this server: {printable(text)} (will not be touched)
        </span>
      ))}
    </div>
  );
}

/** Whether the server can be set up, as far as its release and its root rights say. */
function Readiness({ facts }: { readonly facts: ServerFactsView }) {
  const note = releaseNote(facts.os);
  if (!facts.root) return <Mark tone="crit" word="Cannot become root" />;
  if (note === null) return <Mark tone="good" word="Ready" />;
  return (
    <>
      <Mark tone={note.blocks ? 'crit' : 'warn'} word={note.blocks ? 'Cannot be set up' : 'Ready, untried release'} />
      <span className="m-small m-wrap">{note.text}</span>
    </>
  );
}
