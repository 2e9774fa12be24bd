/**
 * The head of a table that is not sorted. `numeric` names the columns of numbers, which stand to the right; `unseen` is the
 * name of a last column of buttons, which only a screen reader says.
 */
export function TableHead<Column extends string>(props: {
  readonly columns: readonly Column[];
  readonly numeric?: readonly NoInfer<Column>[];
  readonly unseen?: string;
}) {
  return (
    <thead>
      <tr>
        {props.columns.map((name) => (
          <th key={name} className={props.numeric?.includes(name) === true ? 'm-num' : undefined}>
            {name}
          </th>
        ))}
        {props.unseen === undefined ? null : (
          <th>
            <span className="m-hidden">{props.unseen}</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
