import '../../server-editor/server-editor.css';
import { Button, Checkbox, FormGroup, InputGroup, TextArea } from '@blueprintjs/core';
import { useState } from 'react';
import { goTo, hrefOf } from '../../navigation/route';
import { useAction, usePage } from '../../rpc/hooks';
import { ErrorNotice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { directInput, directProblem, emptyDirect, type DirectFields } from './direct-form';

/** A cluster reached without SSH, by the addresses of its REST API and, where it can be reached, of its etcd. */
export default function DirectPage() {
  const page = usePage();
  const [fields, setFields] = useState(emptyDirect);
  const [strict, setStrict] = useState(false);
  const set = (change: Partial<DirectFields>) => setFields((before) => ({ ...before, ...change }));
  const problem = directProblem(fields);
  const add = useAction(async () => {
    const entry = await page.call((client) => client.clusters.addDirect(directInput(fields)));
    goTo({ page: 'cluster', clusterId: entry.id, tab: 'overview' });
  });
  return (
    <div className="m-page m-page-narrow">
      <div className="m-page-head">
        <h1>Connect without SSH</h1>
        <div className="m-tools">
          <a href={hrefOf({ page: 'connect', serverId: null })}>Connect over SSH</a>
        </div>
      </div>
      <p className="m-muted">
        For networks where this computer reaches the members directly. Without etcd, Matriarch polls the members and
        says what it cannot see.
      </p>
      <form
        className="m-stack"
        onSubmit={(event) => {
          event.preventDefault();
          setStrict(true);
          if (problem === null) void add.run();
        }}
      >
        {add.error === null ? null : <ErrorNotice error={add.error} />}
        <Panel title="Cluster">
          <div className="m-form-row">
            <Text id="title" label="Title" fields={fields} set={set} />
            <Text id="scope" label="Scope (optional)" fields={fields} set={set} />
            <Text id="namespace" label="Namespace" fields={fields} set={set} />
          </div>
          <Area
            id="restUrls"
            label="REST addresses of the members, one per line"
            placeholder={'http://10.0.0.11:8008\nhttp://10.0.0.12:8008'}
            fields={fields}
            set={set}
          />
          <Area
            id="etcd"
            label="etcd addresses, one per line (optional)"
            placeholder={'10.0.0.21:2379'}
            fields={fields}
            set={set}
          />
          <Checkbox
            checked={fields.production}
            onChange={(event) => set({ production: event.currentTarget.checked })}
            label="Production: ask for the cluster's name before any action that interrupts writes"
          />
        </Panel>
        <Panel title="Access" note="only if required">
          <div className="m-form-row">
            <Text id="restUser" label="REST user" fields={fields} set={set} />
            <Text id="restPassword" type="password" label="REST password" fields={fields} set={set} />
            <Text id="etcdUser" label="etcd user" fields={fields} set={set} />
            <Text id="etcdPassword" type="password" label="etcd password" fields={fields} set={set} />
          </div>
          <Area
            id="caPem"
            label="Certificate authority (PEM)"
            placeholder="-----BEGIN CERTIFICATE-----"
            fields={fields}
            set={set}
          />
          <Area
            id="certPem"
            label="Client certificate (PEM)"
            placeholder="-----BEGIN CERTIFICATE-----"
            fields={fields}
            set={set}
          />
          <Area
            id="keyPem"
            label="Client key (PEM), kept in the vault"
            placeholder="-----BEGIN PRIVATE KEY-----"
            fields={fields}
            set={set}
          />
        </Panel>
        <div className="m-row">
          <Button type="submit" intent="primary" text="Add this cluster" loading={add.busy} />
          {strict && problem !== null ? (
            <span className="m-tone-crit" role="alert">
              {problem}
            </span>
          ) : null}
        </div>
      </form>
    </div>
  );
}

type TextField = Exclude<keyof DirectFields, 'production'>;
interface FieldProps {
  readonly id: TextField;
  readonly label: string;
  readonly fields: DirectFields;
  readonly set: (change: Partial<DirectFields>) => void;
}

function Text(props: FieldProps & { readonly type?: string }) {
  return (
    <FormGroup label={props.label} labelFor={`direct-${props.id}`}>
      <InputGroup
        id={`direct-${props.id}`}
        type={props.type ?? 'text'}
        autoComplete="off"
        spellCheck={false}
        value={props.fields[props.id]}
        onValueChange={(value) => props.set({ [props.id]: value })}
      />
    </FormGroup>
  );
}

function Area(props: FieldProps & { readonly placeholder: string }) {
  return (
    <FormGroup label={props.label} labelFor={`direct-${props.id}`}>
      <TextArea
        id={`direct-${props.id}`}
        className="m-textarea m-mono"
        spellCheck={false}
        placeholder={props.placeholder}
        value={props.fields[props.id]}
        onChange={(event) => props.set({ [props.id]: event.currentTarget.value })}
      />
    </FormGroup>
  );
}
