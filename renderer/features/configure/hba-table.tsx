import { Button, InputGroup } from '@blueprintjs/core';
import { DragHandleVerticalIcon } from '@blueprintjs/icons';
import { useState, type KeyboardEvent } from 'react';
import { UnseenHead } from '../../ui/table-head';
import { parseHbaLine } from '../../../shared/rules/configure/hba/parse-hba';

/** A list with one entry at another place. */
function moveEntry<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const rest = list.filter((_one, index) => index !== from);
  return [...rest.slice(0, to), ...list.slice(from, from + 1), ...rest.slice(to)];
}

/** The rules in their order, which is changed by dragging, by buttons, and by Alt with the arrow keys. */
export function HbaTable(props: {
  readonly lines: readonly string[];
  readonly why: string | null;
  readonly onRules: (rules: readonly string[]) => void;
}) {
  const { lines, why } = props;
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const [moved, setMoved] = useState<number | null>(null);
  const change = (index: number, ...next: readonly string[]) =>
    props.onRules([...lines.slice(0, index), ...next, ...lines.slice(index + 1)]);
  const move = (from: number, to: number, text = lines[from] ?? '') => {
    if (why !== null || to < 0 || to >= lines.length || from === to) return;
    props.onRules(moveEntry([...lines.slice(0, from), text, ...lines.slice(from + 1)], from, to));
    setMoved(to);
  };
  const drop = (to: number) => {
    if (dragged !== null) move(dragged, to);
    setDragged(null);
    setOver(null);
  };
  return (
    <>
      <table className="m-table m-table-dense">
        <thead>
          <tr>
            <UnseenHead name="Order" />
            <th>Rule</th>
            <UnseenHead name="Actions" />
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => (
            <RuleRow
              key={`${index} ${line}`}
              line={line}
              number={index + 1}
              count={lines.length}
              why={why}
              isTarget={over === index && dragged !== null && dragged !== index}
              wantsFocus={moved === index}
              onFocused={() => setMoved(null)}
              onChange={(...next) => change(index, ...next)}
              onMove={(by, text) => move(index, index + by, text)}
              onDrag={() => setDragged(index)}
              onOver={() => setOver(index)}
              onDrop={() => drop(index)}
              onDragEnd={() => {
                setDragged(null);
                setOver(null);
              }}
            />
          ))}
        </tbody>
      </table>
      {why === null ? (
        <p className="m-panel-body m-small m-muted">
          Drag a rule by its handle, or move it with Alt and the arrow keys. The first rule that matches decides.
        </p>
      ) : null}
    </>
  );
}

interface RowProps {
  readonly line: string;
  readonly number: number;
  readonly count: number;
  readonly why: string | null;
  readonly isTarget: boolean;
  readonly wantsFocus: boolean;
  readonly onFocused: () => void;
  readonly onChange: (...next: readonly string[]) => void;
  readonly onMove: (by: -1 | 1, text: string) => void;
  readonly onDrag: () => void;
  readonly onOver: () => void;
  readonly onDrop: () => void;
  readonly onDragEnd: () => void;
}

function RuleRow(props: RowProps) {
  const { line, number, why } = props;
  const [text, setText] = useState(line);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    props.onMove(event.key === 'ArrowUp' ? -1 : 1, text);
  };
  return (
    <tr
      className={props.isTarget ? 'm-config-drop' : undefined}
      data-testid="hba-rule"
      onDragOver={(event) => {
        event.preventDefault();
        props.onOver();
      }}
      onDrop={(event) => {
        event.preventDefault();
        props.onDrop();
      }}
    >
      <td>
        {why === null ? (
          <span
            className="m-config-grip"
            draggable
            aria-hidden
            title="Drag to another place"
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = 'move';
              event.dataTransfer.setData('text/plain', line);
              props.onDrag();
            }}
            onDragEnd={props.onDragEnd}
          >
            <DragHandleVerticalIcon />
          </span>
        ) : null}
      </td>
      <td>
        <InputGroup
          size="small"
          className="m-mono"
          aria-label={`Rule ${number}`}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
          readOnly={why !== null}
          value={text}
          spellCheck={false}
          inputRef={(element) => {
            if (props.wantsFocus && element !== null) {
              element.focus();
              props.onFocused();
            }
          }}
          onKeyDown={onKeyDown}
          onValueChange={setText}
          onBlur={() => {
            if (text !== line) props.onChange(text);
          }}
        />
        <Remark text={text} />
      </td>
      <td>
        <RuleTools {...props} text={text} />
      </td>
    </tr>
  );
}

function Remark({ text }: { readonly text: string }) {
  const rule = parseHbaLine(text);
  if (rule.kind === 'bad') return <div className="m-small m-tone-crit">{rule.reason}</div>;
  if (rule.kind === 'include') return <div className="m-small m-muted">The rules in this file are not read here.</div>;
  return rule.kind === 'rule' && rule.disabled ? <div className="m-small m-muted">Disabled</div> : null;
}

function RuleTools({ number, count, why, text, onChange, onMove }: RowProps & { readonly text: string }) {
  const rule = parseHbaLine(text);
  const isOff = rule.kind === 'comment' || (rule.kind === 'rule' && rule.disabled);
  const toggled = isOff ? text.replace(/^\s*#+\s*/, '') : `# ${text}`;
  const button = (label: string, isDisabled: boolean, act: () => void) => (
    <Button
      size="small"
      variant="minimal"
      text={label}
      aria-label={`${label}: rule ${number}`}
      disabled={why !== null || isDisabled}
      onClick={act}
    />
  );
  return (
    <div className="m-row m-row-actions">
      {button('Up', number === 1, () => onMove(-1, text))}
      {button('Down', number === count, () => onMove(1, text))}
      {button(isOff ? 'Enable' : 'Disable', rule.kind === 'comment', () => onChange(toggled))}
      {button('Remove', false, () => onChange())}
    </div>
  );
}
