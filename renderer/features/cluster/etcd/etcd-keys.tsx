import { Button } from '@blueprintjs/core';
import { useRef, useState } from 'react';
import type { EtcdKeyRow, EtcdKeys } from '../../../../shared/model/etcd/etcd-view';
import { decodePatroniKey } from '../../../../shared/rules/etcd/patroni-keys';
import { useAnswer } from '../../../rpc/hooks';
import { Answered } from '../../../ui/answered';
import { CopyButton } from '../../../ui/command';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import { Ago } from '../../../ui/time';
import { useRows } from '../../../ui/virtual';
import { plural } from '../../../ui/wording/format';

const ROW = 56;

/** The keys of the scope, decoded, and one of them raw. Nothing is changed here. */
export function EtcdKeysPanel({ clusterId }: { readonly clusterId: string }) {
  const keys = useAnswer(`etcd keys ${clusterId}`, (client) => client.etcd.keys({ clusterId }));
  const again = <Button size="small" text="Read again" loading={keys.loading} onClick={keys.reload} />;
  return (
    <Panel
      title="Keys of this cluster"
      note={keys.value === null ? null : <Note keys={keys.value} />}
      tools={again}
      flush
    >
      <Answered answer={keys} what="Reading the keys." tools={again} flush show={(value) => <Keys keys={value} />} />
    </Panel>
  );
}

function Note({ keys }: { readonly keys: EtcdKeys }) {
  return (
    <>
      {plural(keys.rows.length, 'key')} below {printable(keys.prefix)} at revision {keys.revision}, read{' '}
      <Ago at={keys.asOf} />
    </>
  );
}

function Keys({ keys }: { readonly keys: EtcdKeys }) {
  const [open, setOpen] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows({ count: keys.rows.length, scroller, rowHeight: ROW, overscan: 8 });
  const shown = keys.rows.find(({ name }) => name === open);
  if (keys.rows.length === 0) return <p className="m-panel-body m-muted">Patroni has written no key yet.</p>;
  return (
    <>
      <div className="m-etcd-keys" ref={scroller} tabIndex={0} role="region" aria-label="List of the keys">
        <div className="m-etcd-rows" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const row = keys.rows[index];
            return row === undefined ? null : (
              <div key={row.name} className="m-etcd-row" style={{ height: ROW, transform: `translateY(${start}px)` }}>
                <KeyLine
                  row={row}
                  open={row.name === open}
                  onOpen={() => setOpen(row.name === open ? null : row.name)}
                />
              </div>
            );
          })}
        </div>
      </div>
      {shown === undefined ? null : <Raw prefix={keys.prefix} row={shown} />}
    </>
  );
}

function KeyLine(props: { readonly row: EtcdKeyRow; readonly open: boolean; readonly onOpen: () => void }) {
  const { name, value } = props.row;
  const decoded = decodePatroniKey(name, value);
  return (
    <>
      <div className="m-grow m-clip">
        <span className="m-mono m-strong">{printable(name)}</span>{' '}
        <span>
          {printable(decoded?.says ?? (decoded === null ? 'not a key of Patroni' : 'not what Patroni writes'))}
        </span>
        <div className="m-small m-muted m-clip">{decoded?.meaning ?? ''}</div>
      </div>
      <Button
        size="small"
        text="Raw"
        aria-label={`Raw value of ${printable(name)}`}
        aria-pressed={props.open}
        active={props.open}
        onClick={props.onOpen}
      />
    </>
  );
}

function Raw({ prefix, row }: { readonly prefix: string; readonly row: EtcdKeyRow }) {
  return (
    <div className="m-panel-body m-stack-tight">
      <div className="m-row m-row-wrap m-small m-muted">
        <span className="m-mono m-wrap">{printable(prefix + row.name)}</span>
        <span>
          created at revision {row.createRevision}, last written at {row.modRevision}
          {row.lease === '0' ? '' : `, with lease ${BigInt(row.lease).toString(16)}`}
        </span>
        <span className="m-grow" />
        <CopyButton text={row.value} label={`Copy the value of ${printable(row.name)}`} />
      </div>
      <pre className="m-log" tabIndex={0} role="region" aria-label={`Value of ${printable(row.name)}`}>
        {printable(row.value)}
      </pre>
    </div>
  );
}
