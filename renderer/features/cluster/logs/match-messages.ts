/** What the worker is asked: lines that are new to it, and an expression where that is new. */
export interface MatchRequest {
  readonly request: number;
  readonly texts: readonly string[];
  readonly expression: { readonly source: string; readonly flags: string } | null;
}

/** Where the expression hits the lines from an index on: two numbers a line, -1 where it does not. */
export interface MatchAnswer {
  readonly request: number;
  readonly from: number;
  readonly hits: Int32Array;
}
