import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { Advice, AdviceSeverity, Aside } from '../../../../../shared/model/advice/advice';
import { adviceRule, asideOf, outgrownAside } from '../../../../../shared/rules/advice/make-report';
import { goTo } from '../../../../navigation/route';
import { useAction, usePage } from '../../../../rpc/hooks';
import { Mark } from '../../../../ui/mark';
import { ErrorNotice } from '../../../../ui/notice';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import type { Tone } from '../../../../ui/wording/words';
import { SetAsideDialog } from './set-aside-dialog';

const marks: Readonly<Record<AdviceSeverity, { readonly word: string; readonly tone: Tone }>> = {
  critical: { word: 'Critical', tone: 'crit' },
  warning: { word: 'Warning', tone: 'warn' },
  info: { word: 'Consider', tone: 'info' },
};

interface ListProps {
  readonly clusterId: string;
  readonly advice: readonly Advice[];
  readonly asides: readonly Aside[];
  readonly label: string;
}

/** Advice with what it rests on, why it matters, what to do, and where. */
export function AdviceList({ clusterId, advice, asides, label }: ListProps) {
  return (
    <table className="m-table m-advice" aria-label={label}>
      <colgroup>
        <col style={{ width: '110px' }} />
        <col />
        <col style={{ width: '190px' }} />
      </colgroup>
      <tbody>
        {advice.map((one) => (
          <AdviceRow key={one.rule} clusterId={clusterId} advice={one} asides={asides} />
        ))}
      </tbody>
    </table>
  );
}

function AdviceRow({ clusterId, advice, asides }: Omit<ListProps, 'advice' | 'label'> & { readonly advice: Advice }) {
  const { title, area, why } = adviceRule(advice.rule);
  const { tone, word } = marks[advice.severity];
  return (
    <tr data-testid={`advice-${advice.rule}`}>
      <td>
        <Mark tone={tone} word={word} />
        <div className="m-small m-muted">{area}</div>
      </td>
      <td className="m-wrap">
        <div className="m-strong">{printable(advice.sentence)}</div>
        <div>{why}</div>
        <div>
          <span className="m-strong">What to do:</span> {printable(advice.todo)}
        </div>
        <details>
          <summary className="m-small">What this rests on: {title}</summary>
          <ul className="m-small">
            {advice.evidence.map(({ text, where, at }) => (
              <li key={`${where} ${text}`}>
                {printable(text)}{' '}
                <span className="m-muted">
                  {printable(where)}, <Ago at={at} />
                </span>
              </li>
            ))}
          </ul>
        </details>
        <AsideWords advice={advice} asides={asides} />
      </td>
      <td>
        <Buttons clusterId={clusterId} advice={advice} isAside={asideOf(advice, asides) !== null} />
      </td>
    </tr>
  );
}

function AsideWords({ advice, asides }: { readonly advice: Advice; readonly asides: readonly Aside[] }) {
  const [aside, outgrown] = [asideOf(advice, asides), outgrownAside(advice, asides)];
  const record = aside ?? outgrown;
  if (record === null) return null;
  return (
    <div className="m-small m-muted">
      {aside === null ? 'It was set aside when it was less, by ' : 'Set aside by '}
      {printable(record.by)}, <Ago at={record.at} />: {printable(record.reason)}
    </div>
  );
}

function Buttons(props: { readonly clusterId: string; readonly advice: Advice; readonly isAside: boolean }) {
  const { clusterId, advice, isAside } = props;
  const page = usePage();
  const [asking, setAsking] = useState(false);
  const back = useAction(() => page.call((client) => client.advice.bringBack({ clusterId, rule: advice.rule })));
  const { place } = advice;
  return (
    <div className="m-stack-tight">
      {place === null ? null : (
        <Button
          size="small"
          text={place.label}
          onClick={() =>
            goTo({
              page: 'cluster',
              clusterId,
              tab: place.tab,
              ...(place.view === undefined ? {} : { view: place.view }),
            })
          }
        />
      )}
      {isAside ? (
        <Button size="small" variant="minimal" text="Bring back" loading={back.busy} onClick={() => void back.run()} />
      ) : (
        <Button size="small" variant="minimal" text="Set aside" onClick={() => setAsking(true)} />
      )}
      {back.error === null ? null : <ErrorNotice error={back.error} />}
      {asking ? <SetAsideDialog clusterId={clusterId} advice={advice} onClose={() => setAsking(false)} /> : null}
    </div>
  );
}
