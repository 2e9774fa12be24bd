import { Button, InputGroup } from '@blueprintjs/core';
import { CrossIcon } from '@blueprintjs/icons';
import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { printable } from '../../../../ui/text';
import { problemAt } from '../../../../deployment/form/problems';
import { useProblems, useSpec, useWizard } from '../../wizard/wizard-context';

/** The spec with these databases; every owner is a role that can log in. */
function withDatabases(spec: ClusterSpec, databases: ClusterSpec['databases']): ClusterSpec {
  const owners = [...new Set(databases.map((database) => database.owner))].filter(
    (owner) => owner !== spec.accounts.superuser,
  );
  const kept = spec.users.filter(
    (user) => !spec.databases.some((database) => database.owner === user.name) || owners.includes(user.name),
  );
  const fresh = owners
    .filter((owner) => !kept.some((user) => user.name === owner))
    .map((name) => ({ name, options: ['login' as const] }));
  return { ...spec, databases: [...databases], users: [...kept, ...fresh] };
}

/** Databases that are made at once, and the roles they belong to. */
export function Databases() {
  const wizard = useWizard();
  const spec = useSpec();
  const problems = useProblems();
  const change = (databases: ClusterSpec['databases']) =>
    wizard.changeSpec((before) => withDatabases(before, databases));
  const edit = (index: number, part: Partial<ClusterSpec['databases'][number]>) =>
    change(spec.databases.map((one, at) => (at === index ? { ...one, ...part } : one)));
  return (
    <fieldset className="m-fieldset d-databases">
      <legend className="m-strong">Databases and the roles that own them</legend>
      {spec.databases.length === 0 ? (
        <p className="m-muted m-small">None: only the superuser and the database postgres.</p>
      ) : null}
      {spec.databases.map((database, index) => (
        <div key={index} className="m-row">
          <InputGroup
            aria-label={`Database ${index + 1}`}
            value={database.name}
            spellCheck={false}
            onValueChange={(name) => edit(index, { name })}
          />
          <span className="m-muted m-nowrap">owned by</span>
          <InputGroup
            aria-label={`Owner of database ${index + 1}`}
            value={database.owner}
            spellCheck={false}
            onValueChange={(owner) => edit(index, { owner })}
          />
          <Button
            variant="minimal"
            icon={<CrossIcon />}
            aria-label={`Remove the database ${database.name}`}
            onClick={() => change(spec.databases.filter((_, at) => at !== index))}
          />
          <span className="m-small m-tone-crit">
            {printable(
              problemAt(problems, `databases.${index}.name`) ?? problemAt(problems, `databases.${index}.owner`) ?? '',
            )}
          </span>
        </div>
      ))}
      <div>
        <Button
          size="small"
          text="Add a database"
          onClick={() =>
            change([
              ...spec.databases,
              {
                name: `app${spec.databases.length === 0 ? '' : spec.databases.length + 1}`,
                owner: spec.databases[0]?.owner ?? 'app',
              },
            ])
          }
        />
      </div>
    </fieldset>
  );
}
