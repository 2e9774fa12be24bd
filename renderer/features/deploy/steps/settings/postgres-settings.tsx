import {
  methodLines,
  methodsOf,
  optionLines,
  optionsOf,
  slotLines,
  slotsOf,
} from '../../../../../shared/rules/deploy/spec/replication-lines';
import { Switch } from '../../../../ui/choices';
import { LinesField, TextField } from '../../wizard/spec-fields';
import { useSpec, useWizard } from '../../wizard/wizard-context';
import { usePart } from './use-part';

/** Where the data lies, and how its files are made. */
export function Directories() {
  const wizard = useWizard();
  const spec = useSpec();
  const [postgres, setPostgres] = usePart('postgres');
  const setData = (text: string) =>
    wizard.changeSpec((before) => {
      const { dataDirectory: _old, ...rest } = before.postgres;
      return { ...before, postgres: text === '' ? rest : { ...rest, dataDirectory: text } };
    });
  const setEtcdData = (text: string) =>
    wizard.changeSpec((before) => {
      const { dataDirectory: _old, ...rest } = before.etcd;
      return { ...before, etcd: text === '' ? rest : { ...rest, dataDirectory: text } };
    });
  return (
    <>
      <div className="m-form-row">
        <TextField
          label="PostgreSQL data directory"
          path="postgres.dataDirectory"
          value={postgres.dataDirectory ?? ''}
          placeholder="the distribution's default"
          onValue={setData}
        />
        <TextField
          label="etcd data directory"
          path="etcd.dataDirectory"
          value={spec.etcd.dataDirectory ?? ''}
          placeholder={`/var/lib/etcd/${spec.scope}`}
          onValue={setEtcdData}
        />
      </div>
      <div className="m-form-row">
        <TextField
          label="Encoding"
          path="postgres.encoding"
          value={postgres.encoding}
          onValue={(encoding) => setPostgres({ encoding })}
        />
        <TextField
          label="Locale"
          path="postgres.locale"
          value={postgres.locale}
          help="C.UTF-8 is on every server; others must be installed."
          onValue={(locale) => setPostgres({ locale })}
        />
      </div>
      <Switch
        label="Data checksums"
        explain="PostgreSQL detects damaged pages when it reads them. Also lets pg_rewind bring a former leader back."
        checked={postgres.dataChecksums}
        onValue={(dataChecksums) => setPostgres({ dataChecksums })}
      />
    </>
  );
}

/** Additional lines of pg_hba.conf. */
export function Hba() {
  const [postgres, setPostgres] = usePart('postgres');
  return (
    <LinesField
      label="Additional lines"
      path="postgres.hba"
      value={postgres.hba}
      placeholder="host all all 10.1.0.0/16 scram-sha-256"
      help="Placed after the lines that the cluster needs and before the application networks."
      onValue={(hba) => setPostgres({ hba })}
    />
  );
}

const SLOTS_HELP =
  'One per line: the name, or the name, database and plugin of a logical slot. ' +
  "They survive leader changes; the members' own slots are created automatically.";

/** Replication slots, and how a new replica gets its copy. */
export function Replication() {
  const [postgres, setPostgres] = usePart('postgres');
  const [patroni, setPatroni] = usePart('patroni');
  return (
    <>
      <LinesField
        label="Permanent replication slots"
        path="patroni.slots"
        value={slotLines(patroni.slots)}
        placeholder={'reporting\norders shop pgoutput'}
        help={SLOTS_HELP}
        onValue={(lines) => setPatroni({ slots: slotsOf(lines) })}
      />
      <LinesField
        label="Options of pg_basebackup"
        path="postgres.basebackup"
        value={optionLines(postgres.basebackup)}
        placeholder="max-rate=100M"
        help="One per line. Used when a replica copies its data."
        onValue={(lines) => setPostgres({ basebackup: optionsOf(lines) })}
      />
      <LinesField
        label="Other replica creation methods"
        path="postgres.replicaMethods"
        value={methodLines(postgres.replicaMethods)}
        placeholder={'from_backup: /usr/local/bin/restore-newest\nbasebackup'}
        help="One per line, tried in this order: a name and the command that fills the data directory. Empty: pg_basebackup."
        onValue={(lines) => setPostgres({ replicaMethods: methodsOf(lines, postgres.replicaMethods) })}
      />
    </>
  );
}
