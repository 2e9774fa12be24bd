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
          label="PostgreSQL's data"
          path="postgres.dataDirectory"
          value={postgres.dataDirectory ?? ''}
          placeholder="the distribution's own place"
          onValue={setData}
        />
        <TextField
          label="etcd's data"
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
        label="Checksums of data pages"
        explain="PostgreSQL notices a damaged page when it reads one. Also lets pg_rewind bring an old leader back."
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
      label="Lines of your own"
      path="postgres.hba"
      value={postgres.hba}
      placeholder="host all all 10.1.0.0/16 scram-sha-256"
      help="They come after the lines that the cluster itself needs and before the networks of the applications."
      onValue={(hba) => setPostgres({ hba })}
    />
  );
}

/** Replication slots, and how a new replica gets its copy. */
export function Replication() {
  const [postgres, setPostgres] = usePart('postgres');
  const [patroni, setPatroni] = usePart('patroni');
  return (
    <>
      <LinesField
        label="Replication slots that are kept"
        path="patroni.slots"
        value={slotLines(patroni.slots)}
        placeholder={'reporting\norders shop pgoutput'}
        help="One a line: its name, or name, database and plugin of a logical one. They outlive every change of the leader; the members' own slots come by themselves."
        onValue={(lines) => setPatroni({ slots: slotsOf(lines) })}
      />
      <LinesField
        label="Options of pg_basebackup"
        path="postgres.basebackup"
        value={optionLines(postgres.basebackup)}
        placeholder="max-rate=100M"
        help="One a line. By it a replica copies its data from the leader."
        onValue={(lines) => setPostgres({ basebackup: optionsOf(lines) })}
      />
      <LinesField
        label="Other ways to make a replica"
        path="postgres.replicaMethods"
        value={methodLines(postgres.replicaMethods)}
        placeholder={'from_backup: /usr/local/bin/restore-newest\nbasebackup'}
        help="One a line, tried in this order: its name and the command that fills the data directory. Empty: pg_basebackup."
        onValue={(lines) => setPostgres({ replicaMethods: methodsOf(lines, postgres.replicaMethods) })}
      />
    </>
  );
}
