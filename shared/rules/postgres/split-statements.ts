/** Where a token that may hold a semicolon begins; each with how it ends. */
const TOKENS = new RegExp(
  [
    /--[^\n]*/,
    /\/\*/,
    /(?<![\w$])[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)/,
    /'(?:[^']|'')*(?:'|$)/,
    /"(?:[^"]|"")*(?:"|$)/,
    /(?<![\w$])\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/,
    /;/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/** The statements of a text, without comments around them and without their semicolons; quotes, dollar quotes and nested comments count. */
export function splitStatements(text: string): readonly string[] {
  const parts: string[] = [];
  let begin = 0;
  let at = 0;
  for (;;) {
    TOKENS.lastIndex = at;
    const found = TOKENS.exec(text);
    if (found === null) break;
    const [token] = found;
    at = endOfToken(text, token, found.index);
    if (token === ';') {
      parts.push(text.slice(begin, found.index));
      begin = at;
    }
  }
  parts.push(text.slice(begin));
  return parts.map((part) => part.trim()).filter((part) => withoutComments(part).trim() !== '');
}

function endOfToken(text: string, token: string, start: number): number {
  const after = start + token.length;
  if (token === '/*') return endOfComment(text, after);
  if (!/^\$[^$]*\$$/.test(token)) return after;
  const close = text.indexOf(token, after);
  return close < 0 ? text.length : close + token.length;
}

/** Comments of this kind may hold others (documentation, "Comments"). */
function endOfComment(text: string, start: number): number {
  let depth = 1;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}

/** A text without its comments, for looking at its words. What is quoted stays. */
export function withoutComments(text: string): string {
  return withTokens(text, (token) => (isComment(token) ? ' ' : token));
}

/** A text without its comments, in which `instead` stands for each literal. Names in double quotes stay. */
export function withLiterals(text: string, instead: string): string {
  return withTokens(text, (token) => {
    if (isComment(token)) return ' ';
    return /^[";]/.test(token) ? token : instead;
  });
}

function isComment(token: string): boolean {
  return /^(--|\/\*)/.test(token);
}

/** A text in which each token is what `change` makes of it. */
function withTokens(text: string, change: (token: string) => string): string {
  let rest = '';
  let at = 0;
  for (;;) {
    TOKENS.lastIndex = at;
    const found = TOKENS.exec(text);
    if (found === null) return rest + text.slice(at);
    rest += text.slice(at, found.index);
    at = endOfToken(text, found[0], found.index);
    rest += change(text.slice(found.index, at));
  }
}
