import { HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useRef, useState } from 'react';
import type { ServerSettings } from '../../../shared/model/configure/server-settings';
import type { ConfigIssue } from '../../../shared/rules/configure/config-issue';
import { valueAt } from '../../../shared/rules/configure/config-patch';
import { valueInWords } from '../../../shared/rules/configure/parameter-value';
import { Chip, Mark } from '../../ui/mark';
import { printable } from '../../ui/text';
import { useRows } from '../../ui/virtual';
import { fieldText, fieldValue, isChanged, type SettingRow } from './setting-rows';
import type { ConfigDraft } from './use-draft';

/** What the list of settings shows. `why` says why nothing can be changed now; null when it can. */
export interface SettingListProps {
  readonly rows: readonly SettingRow[];
  readonly draft: ConfigDraft;
  readonly settings: ServerSettings | null;
  readonly issues: readonly ConfigIssue[];
  readonly why: string | null;
  readonly chosen: string | null;
  readonly onChoose: (name: string) => void;
}

/** The settings as fields; only those near the screen are drawn. */
export function SettingList(props: SettingListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useRows({ count: props.rows.length, scroller, rowHeight: 58, overscan: 6 });
  return (
    <div className="m-config-list" ref={scroller} tabIndex={0} role="region" aria-label="List of settings">
      <ul className="m-config-rows" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = props.rows[item.index];
          return row === undefined ? null : (
            <li
              key={row.name}
              data-index={item.index}
              data-testid={`setting-${row.name}`}
              ref={virtual.measureElement}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {props.rows[item.index - 1]?.group === row.group ? null : <h3 className="m-config-group">{row.group}</h3>}
              <Setting {...props} row={row} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Setting(props: SettingListProps & { readonly row: SettingRow }) {
  const { row, draft } = props;
  const value = valueAt(draft.config, row.path);
  const mine = props.issues.filter((issue) => issue.path.join('.') === row.path.join('.'));
  return (
    <div className="m-config-row">
      <div>
        <button
          type="button"
          className="m-config-name m-mono"
          aria-expanded={props.chosen === row.name}
          onClick={() => props.onChoose(row.name)}
        >
          {printable(row.name)}
        </button>{' '}
        {isChanged(row, draft.config, draft.base) ? <Chip tone="busy" word="changed" /> : null}
        <div className="m-small m-muted">{[row.description, row.note].filter((one) => one !== '').join(' ')}</div>
        {mine.map((issue) => (
          <div key={issue.sentence} className="m-small">
            <Mark tone={issue.severity === 'error' ? 'crit' : 'warn'} word={`${issue.sentence} ${issue.advice}`} />
          </div>
        ))}
      </div>
      <Field
        key={fieldText(value)}
        row={row}
        value={value}
        why={props.why}
        onValue={(next) => draft.setValue(row.path, next)}
      />
      <Running row={row} settings={props.settings} />
    </div>
  );
}

function Field(props: {
  readonly row: SettingRow;
  readonly value: unknown;
  readonly why: string | null;
  readonly onValue: (value: unknown) => void;
}) {
  const { row } = props;
  const shown = fieldText(props.value);
  const [text, setText] = useState(shown);
  const isOff = props.why !== null || (typeof props.value === 'object' && props.value !== null);
  const commit = (next: string) => {
    if (next !== shown) props.onValue(fieldValue(row, next));
  };
  const words = row.choices?.includes(shown) === true || shown === '' ? row.choices : null;
  if (words !== null)
    return (
      <HTMLSelect
        fill
        aria-label={row.name}
        disabled={isOff}
        value={shown}
        onChange={(event) => commit(event.currentTarget.value)}
        options={[
          { value: '', label: `not set (${row.builtIn})` },
          ...words.map((word) => ({ value: word, label: word })),
        ]}
      />
    );
  return (
    <InputGroup
      size="small"
      aria-label={row.name}
      disabled={isOff}
      title={props.why ?? undefined}
      placeholder={row.builtIn}
      value={text}
      spellCheck={false}
      autoComplete="off"
      onValueChange={setText}
      onBlur={() => commit(text)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit(text);
        if (event.key === 'Escape') setText(shown);
      }}
    />
  );
}

/** What the members run with: one value where they agree. */
function Running({ row, settings }: { readonly row: SettingRow; readonly settings: ServerSettings | null }) {
  const { definition } = row;
  if (definition === null || settings === null) return <span />;
  const values = Object.entries(settings.members).flatMap(([member, said]) => {
    const held = said.kind === 'known' ? said.values[definition.name] : undefined;
    return held === undefined
      ? []
      : [{ member, text: valueInWords(definition, held.value), pending: held.pendingRestart }];
  });
  const same = new Set(values.map(({ text }) => text)).size <= 1;
  const isPending = values.some(({ pending }) => pending);
  return (
    <div className="m-small m-mono m-config-running">
      {same
        ? printable(values[0]?.text ?? '')
        : values.map(({ member, text }) => (
            <div key={member} className="m-clip">
              {printable(member)}: {printable(text)}
            </div>
          ))}
      {isPending ? <div className="m-tone-warn">restart pending</div> : null}
    </div>
  );
}
