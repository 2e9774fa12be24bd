/** What ssh2 calls the lists of algorithms in its debug lines, by what its errors say has no match. */
const LISTS: readonly (readonly [missing: RegExp, list: string])[] = [
  [/key exchange/i, 'KEX method'],
  [/host key/i, 'Host key format'],
  [/C->S cipher/i, 'C->S cipher'],
  [/S->C cipher/i, 'S->C cipher'],
  [/C->S MAC/i, 'C->S MAC'],
  [/S->C MAC/i, 'S->C MAC'],
  [/C->S compression/i, 'C->S compression'],
  [/S->C compression/i, 'S->C compression'],
];

const OFFER = /^Handshake: \((local|remote)\) ([^:]+): (.*)$/;

/** The algorithms that both sides offer while they agree on some, as ssh2 reports them. */
export class AlgorithmOffers {
  readonly #lists = new Map<string, string>();

  /** Takes one of ssh2's debug lines; of these only the offers are kept. */
  readonly listen = (line: string): void => {
    if (!line.startsWith('Handshake: (')) return;
    const [, side, list, names] = OFFER.exec(line) ?? [];
    if (side !== undefined && list !== undefined && names !== undefined && this.#lists.size < 40)
      this.#lists.set(`${side} ${list}`, names.replaceAll(',', ', ').slice(0, 2_000));
  };

  /** The error with the offers of both sides where nothing of them matches; any other error as it is. */
  explain(error: Error): Error {
    const list = /no matching/i.test(error.message)
      ? LISTS.find(([missing]) => missing.test(error.message))
      : undefined;
    if (list === undefined) return error;
    const of = (side: string): string => this.#lists.get(`${side} ${list[1]}`) ?? 'not known';
    return new Error(`${error.message} (the server offers ${of('remote')}; the app offers ${of('local')})`, {
      cause: error,
    });
  }
}
