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
        {props.unseen === undefined ? null : <UnseenHead name={props.unseen} />}
      </tr>
    </thead>
  );
}

/** The head of a column whose name only a screen reader says, such as one of buttons. */
export function UnseenHead({ name }: { readonly name: string }) {
  return (
    <th>
      <span className="m-hidden">{name}</span>
    </th>
  );
}
