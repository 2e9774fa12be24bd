/** A name from a server: one line, cut with an ellipsis, whole on hover. */
export function Name(props: { readonly text: string; readonly strong?: boolean }) {
  const text = printable(props.text);
  return (
    <bdi className={`m-clip ${props.strong === true ? 'm-strong' : ''}`} title={text}>
      {text}
    </bdi>
  );
}

/** Text from a server with the characters that would disguise it (controls, direction overrides) made visible. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f]/gu, '\ufffd');
}
