import { Button, Checkbox, InputGroup } from '@blueprintjs/core';
import { CrossIcon } from '@blueprintjs/icons';
import { useState } from 'react';
import { judgeParameterName } from '../../../../../shared/rules/configure/postgres-parameters';
import { TableHead } from '../../../../ui/table-head';
import { formatBytes, plural } from '../../../../ui/wording/format';
import { printable } from '../../../../ui/text';
import {
  isParameterName,
  parameterRows,
  withParameter,
  withSuggestions,
  type ParameterRow,
} from '../../../../deployment/form/parameters';
import { problemAt } from '../../../../deployment/form/problems';
import { useProblems, useSpec, useWizard } from '../../wizard/wizard-context';
import { useSuggestions } from './use-suggestions';

/** The parameters of PostgreSQL: suggested from the smallest member, each with its reason, all of them editable. */
export function ParameterTable() {
  const wizard = useWizard();
  const spec = useSpec();
  const [solidState, setSolidState] = useState(true);
  const { machine, suggestions } = useSuggestions(solidState);
  const set = (name: string, value: string | null) =>
    wizard.changeSpec((before) => ({
      ...before,
      postgres: { ...before.postgres, parameters: withParameter(before.postgres.parameters, name, value) },
    }));
  const takeAll = () =>
    wizard.changeSpec((before) => ({
      ...before,
      postgres: { ...before.postgres, parameters: withSuggestions(before.postgres.parameters, suggestions) },
    }));
  return (
    <div className="m-stack">
      <p className="m-muted">
        {machine === null
          ? 'Suggestions appear once a PostgreSQL server has been inspected.'
          : `Suggested for the smallest member: ${formatBytes(machine.memoryBytes)} memory, ${plural(machine.cpus, 'CPU')}.`}
      </p>
      <div className="m-row m-row-wrap">
        <Checkbox
          className="d-solid"
          checked={solidState}
          label="The disks are solid-state"
          onChange={(event) => setSolidState(event.currentTarget.checked)}
        />
        <Button size="small" text="Use all suggestions" disabled={suggestions.length === 0} onClick={takeAll} />
      </div>
      <table className="m-table d-parameters">
        <TableHead columns={['Parameter', 'Value', 'Why']} unseen="Actions" />
        <tbody>
          {parameterRows(spec.postgres.parameters, suggestions).map((row) => (
            <Row key={row.name} row={row} set={set} />
          ))}
        </tbody>
      </table>
      <AddParameter add={(name) => set(name, '')} />
    </div>
  );
}

function Row({ row, set }: { readonly row: ParameterRow; readonly set: (name: string, value: string | null) => void }) {
  const problem = problemAt(useProblems(), `postgres.parameters.${row.name}`);
  const differs = row.suggested !== null && row.value !== row.suggested;
  return (
    <tr>
      <td className="m-mono">{printable(row.name)}</td>
      <td>
        <InputGroup
          size="small"
          aria-label={row.name}
          value={row.value ?? ''}
          placeholder="PostgreSQL's default"
          spellCheck={false}
          onValueChange={(value) => set(row.name, value)}
        />
      </td>
      <td className="m-small">
        {problem === undefined ? (
          <span className="m-muted">{printable(row.reason)}</span>
        ) : (
          <span className="m-tone-crit">{printable(problem)}</span>
        )}
        {differs ? (
          <Button
            size="small"
            variant="minimal"
            text={`Use ${row.suggested ?? ''}`}
            onClick={() => set(row.name, row.suggested)}
          />
        ) : null}
      </td>
      <td>
        {row.value === null ? null : (
          <Button
            size="small"
            variant="minimal"
            icon={<CrossIcon />}
            aria-label={`Leave ${row.name} at PostgreSQL's default`}
            onClick={() => set(row.name, null)}
          />
        )}
      </td>
    </tr>
  );
}

function AddParameter({ add }: { readonly add: (name: string) => void }) {
  const [name, setName] = useState('');
  const good = isParameterName(name.trim());
  const judged = judgeParameterName(name.trim());
  const meant = good && judged.kind === 'unknown' ? judged.meant : null;
  return (
    <form
      className="m-row"
      onSubmit={(event) => {
        event.preventDefault();
        if (good) {
          add(name.trim());
          setName('');
        }
      }}
    >
      <InputGroup
        size="small"
        aria-label="Another parameter"
        placeholder="another parameter"
        value={name}
        spellCheck={false}
        onValueChange={setName}
      />
      <Button size="small" type="submit" text="Add" disabled={!good} />
      {meant === null ? null : (
        <Button size="small" variant="minimal" text={`Did you mean ${meant}?`} onClick={() => setName(meant)} />
      )}
    </form>
  );
}
