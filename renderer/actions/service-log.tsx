import { Button } from '@blueprintjs/core';
import { useEffect, useRef } from 'react';
import type { ServiceLog, ServiceName } from '../../shared/model/operate/service';
import { serviceWords } from '../../shared/rules/operate/service-rules';
import { useAnswer } from '../rpc/hooks';
import { Answered } from '../ui/answered';
import { CopyButton } from '../ui/command';
import { plural } from '../ui/wording/format';
import { printable } from '../ui/text';
import { Ago } from '../ui/time';

/** The last lines of a service's log on a member's server, read when shown and again on request. */
export function ServiceLogView(props: {
  readonly clusterId: string;
  readonly member: string;
  readonly service: ServiceName;
}) {
  const { clusterId, member, service } = props;
  const log = useAnswer(`${clusterId} ${member} ${service}`, (client) =>
    client.services.log({ clusterId, member, service }),
  );
  const name = `${serviceWords[service]} on ${printable(member)}`;
  const again = <Button size="small" text="Read again" loading={log.loading} onClick={log.reload} />;
  return (
    <Answered
      answer={log}
      what={`Reading the log of ${name}.`}
      tools={again}
      show={({ lines, from, asOf, cause }) => (
        <div className="m-stack-tight">
          <div className="m-row m-row-wrap m-small m-muted">
            <span className="m-mono m-wrap">{printable(from)}</span>
            <span>
              {plural(lines.length, 'line')}, read <Ago at={asOf} />
            </span>
            <span className="m-grow" />
            <CopyButton text={lines.join('\n')} label={`Copy the log of ${name}`} />
            {again}
          </div>
          {cause === null ? null : <LogCause cause={cause} />}
          <LogLines lines={lines} label={`Log of ${name}`} />
        </div>
      )}
    />
  );
}

/** Lines of a log, the last ones in sight. */
function LogLines({ lines, label }: { readonly lines: readonly string[]; readonly label: string }) {
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  if (lines.length === 0) return <p className="m-muted">The log is empty.</p>;
  return (
    <pre ref={box} className="m-log" tabIndex={0} role="region" aria-label={label}>
      {lines.map(printable).join('\n')}
    </pre>
  );
}

/** What the end of a member's log is known to mean; nothing while it is read, and where it says nothing known. */
export function ServiceLogCause(props: {
  readonly clusterId: string;
  readonly member: string;
  readonly service: ServiceName;
}) {
  const { clusterId, member, service } = props;
  const log = useAnswer(`cause ${clusterId} ${member} ${service}`, (client) =>
    client.services.log({ clusterId, member, service, unasked: true }),
  );
  const cause = log.value?.cause ?? null;
  return cause === null ? null : <LogCause cause={cause} />;
}

function LogCause({ cause }: { readonly cause: NonNullable<ServiceLog['cause']> }) {
  return (
    <p className="m-small m-wrap" data-testid="log-cause">
      <span className="m-strong">In the log: {cause.sentence}</span>{' '}
      <span className="m-mono m-muted">{printable(cause.line)}</span>
    </p>
  );
}
