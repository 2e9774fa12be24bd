import { Button, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { SearchIcon } from '@blueprintjs/icons';
import { useStore } from 'zustand';
import { logLevels, logServices, type LogServer, type LogService } from '../../../../shared/model/logs/log-record';
import { printable } from '../../../ui/text';
import { plural } from '../../../ui/wording/format';
import type { LogScreen } from './log-screen';
import { logServiceWords } from './log-words';

/** Whose time the list shows. */
export type TimeColumn = 'corrected' | 'server' | 'both';

/** The choices and the search of the log view. */
export function LogTools(props: {
  readonly screen: LogScreen;
  readonly follows: boolean;
  readonly onFollow: (follows: boolean) => void;
  readonly times: TimeColumn;
  readonly onTimes: (times: TimeColumn) => void;
  /** The row that was gone to. */
  readonly at: number | null;
  readonly onGo: (row: number) => void;
}) {
  const { screen } = props;
  return (
    <div className="m-log-tools">
      <Chosen screen={screen} />
      <Search screen={screen} at={props.at} onGo={props.onGo} />
      <HTMLSelect
        aria-label="Whose time"
        value={props.times}
        onChange={({ currentTarget: { value } }) => props.onTimes(timeColumnOf(value))}
        options={[
          { value: 'corrected', label: 'Corrected times' },
          { value: 'server', label: "Servers' times" },
          { value: 'both', label: 'Both times' },
        ]}
      />
      <Button
        size="small"
        text={props.follows ? 'Following' : 'Follow'}
        aria-pressed={props.follows}
        onClick={() => props.onFollow(!props.follows)}
      />
    </div>
  );
}

function timeColumnOf(value: string): TimeColumn {
  return value === 'server' || value === 'both' ? value : 'corrected';
}

function Chosen({ screen }: { readonly screen: LogScreen }) {
  const { choice, servers } = useStore(screen.store);
  const members = servers.map((server) => server.member);
  const services = servicesOf(servers);
  return (
    <>
      <Toggles
        legend="Members"
        all={members}
        chosen={choice.members}
        word={(member) => printable(member)}
        onChosen={(chosen) => screen.choose({ ...choice, members: chosen })}
      />
      <Toggles
        legend="Programs"
        all={services}
        chosen={choice.services}
        word={(service) => logServiceWords[service]}
        onChosen={(chosen) => screen.choose({ ...choice, services: chosen })}
      />
      <HTMLSelect
        aria-label="Least level"
        value={choice.level}
        onChange={({ currentTarget: { value } }) =>
          screen.choose({ ...choice, level: logLevels.find((level) => level === value) ?? 'debug' })
        }
        options={logLevels.map((level) => ({
          value: level,
          label: level === 'debug' ? 'All levels' : `${level} and worse`,
        }))}
      />
    </>
  );
}

/** The programs that write on these servers, and the system, whose words belong to all. */
function servicesOf(servers: readonly LogServer[]): readonly LogService[] {
  const found = new Set(servers.flatMap((server) => server.sources.map((source) => source.service)));
  if (found.has('patroni')) found.add('postgresql');
  found.add('system');
  return logServices.filter((service) => found.has(service));
}

/** Names that are chosen or not, each with a button of its own; none chosen shows all. */
function Toggles<T extends string>(props: {
  readonly legend: string;
  readonly all: readonly T[];
  readonly chosen: ReadonlySet<T> | null;
  readonly word: (one: T) => string;
  readonly onChosen: (chosen: ReadonlySet<T> | null) => void;
}) {
  const { chosen } = props;
  const toggle = (one: T) => {
    const next = new Set(chosen ?? []);
    if (!next.delete(one)) next.add(one);
    props.onChosen(next.size === 0 ? null : next);
  };
  return (
    <div className="m-log-toggles" role="group" aria-label={props.legend}>
      {props.all.map((one) => (
        <Button
          key={one}
          size="small"
          aria-pressed={chosen?.has(one) === true}
          text={props.word(one)}
          onClick={() => toggle(one)}
        />
      ))}
    </div>
  );
}

function Search(props: {
  readonly screen: LogScreen;
  readonly at: number | null;
  readonly onGo: (row: number) => void;
}) {
  const { screen, at, onGo } = props;
  const { typed, search, hits, onlyHits } = useStore(screen.store);
  const next = () => onGo(hits.find((row) => row > (at ?? -1)) ?? hits[0] ?? 0);
  const previous = () => onGo(hits.findLast((row) => row < (at ?? Infinity)) ?? hits.at(-1) ?? 0);
  const isWrong = search.kind === 'wrong';
  return (
    <>
      <div className="m-log-search">
        <InputGroup
          type="search"
          size="small"
          leftIcon={<SearchIcon />}
          placeholder="Text or /expression/i"
          aria-label="Search the logs: text, or a regular expression between slashes"
          aria-invalid={isWrong}
          intent={isWrong ? 'danger' : 'none'}
          value={typed}
          onValueChange={(value) => screen.find(value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || hits.length === 0) return;
            if (event.shiftKey) previous();
            else next();
          }}
        />
        {isWrong ? (
          <div className="m-log-wrong" role="alert">
            {search.sentence}
          </div>
        ) : null}
      </div>
      {search.kind === 'none' || isWrong ? null : (
        <>
          <span className="m-small m-muted" role="status">
            {hitWords(hits, at)}
          </span>
          <Button size="small" text="Previous" disabled={hits.length === 0} onClick={previous} title="Shift+Enter" />
          <Button size="small" text="Next" disabled={hits.length === 0} onClick={next} title="Enter" />
          <label className="m-row m-small">
            <input
              type="checkbox"
              checked={!onlyHits}
              onChange={(event) => screen.showOnlyHits(!event.currentTarget.checked)}
            />
            Show other lines too
          </label>
        </>
      )}
    </>
  );
}

function hitWords(hits: readonly number[], at: number | null): string {
  const place = at === null ? -1 : hits.indexOf(at);
  return place < 0 ? plural(hits.length, 'hit') : `${String(place + 1)} of ${plural(hits.length, 'hit')}`;
}
