import type { InstalledPackage, ServerPackages, UpgradesView } from '../../../../../shared/model/upgrade/upgrade';
import { isOffered } from '../../../../../shared/rules/upgrade/package-versions';
import { spanInWords } from '../../../../../shared/rules/words/wording';
import { Copyable } from '../../../../ui/copyable';
import { Chip } from '../../../../ui/mark';
import { Name, printable } from '../../../../ui/text';
import { partWords } from './part-words';

/** What every server has of the cluster's programs, and what apt would put in its place. */
export function PackageTable({ view }: { readonly view: UpgradesView }) {
  return (
    <div className="m-scroll-x" tabIndex={0} role="region" aria-label="Table of the packages">
      <table className="m-table m-table-dense">
        <thead>
          <tr>
            <th>Server</th>
            <th>Program</th>
            <th>Package</th>
            <th>Installed</th>
            <th>Offered</th>
            <th>Note</th>
          </tr>
        </thead>
        <tbody>
          {view.servers.map((server) => (
            <ServerRows key={server.serverId} server={server} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ServerRows({ server }: { readonly server: ServerPackages }) {
  if (server.error !== null || server.packages.length === 0)
    return (
      <tr>
        <td>
          <Name text={server.server} strong />
        </td>
        <td colSpan={5} className="m-wrap">
          {server.error === null ? (
            <span className="m-muted">None of the cluster&apos;s programs is installed here as a package.</span>
          ) : (
            <span className="m-tone-warn">Not known: {printable(server.error.message)}</span>
          )}
        </td>
      </tr>
    );
  return server.packages.map((entry, index) => (
    <tr key={entry.name} data-testid={`package-${server.server}-${entry.name}`}>
      <td>{index === 0 ? <ServerCell server={server} /> : null}</td>
      <td>{partWords[entry.part]}</td>
      <td>
        <Copyable text={entry.name} what="the name of the package" />
      </td>
      <td>{entry.installed}</td>
      <td className={isOffered(entry) ? 'm-strong' : 'm-muted'}>{offerWords(entry)}</td>
      <td>
        <Notes server={server} entry={entry} />
      </td>
    </tr>
  ));
}

function ServerCell({ server }: { readonly server: ServerPackages }) {
  const age = server.listsAgeMs;
  return (
    <>
      <Name text={server.server} strong />
      <div className="m-small m-muted">
        {age === null ? 'no package lists' : `package lists of ${spanInWords(age)} ago`}
      </div>
    </>
  );
}

function offerWords(entry: InstalledPackage): string {
  if (entry.offered === null) return 'nothing';
  return isOffered(entry) ? entry.offered : 'the same';
}

function Notes({ server, entry }: { readonly server: ServerPackages; readonly entry: InstalledPackage }) {
  const isOld = server.outdatedProcesses?.includes(entry.part) === true;
  return (
    <span className="m-row m-row-wrap">
      {entry.held ? (
        <Chip tone="info" word="held" title="apt was told to leave this package as it is (apt-mark hold)." />
      ) : null}
      {isOld ? (
        <Chip
          tone="warn"
          word="runs the older program"
          title="Its process was started before the package was upgraded: it runs the new version after a restart."
        />
      ) : null}
    </span>
  );
}
