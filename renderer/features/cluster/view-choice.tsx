import { Button } from '@blueprintjs/core';
import { goToView } from '../../navigation/route';
import { tabViews, viewsOf, type TabView, type TabWithViews } from '../../navigation/tab-views';

/** The buttons that choose a view of a tab; `label` says to a screen reader what they choose. */
export function ViewChoice<T extends TabWithViews>(props: {
  readonly clusterId: string;
  readonly tab: T;
  readonly view: TabView<T>;
  readonly label: string;
}) {
  const names: Readonly<Record<string, string>> = tabViews[props.tab];
  return (
    <div className="m-row m-row-wrap" role="group" aria-label={props.label}>
      {viewsOf(props.tab).map((key) => (
        <Button
          key={key}
          size="small"
          text={names[key]}
          active={props.view === key}
          aria-pressed={props.view === key}
          onClick={() => goToView(props.clusterId, props.tab, key)}
        />
      ))}
    </div>
  );
}
