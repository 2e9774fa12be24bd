/** One value of the dynamic configuration that changed; undefined in `before` or `after` stands for "not set". */
export interface RecordedChange {
  readonly path: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
}

/** One change of the dynamic configuration that the app saw. */
export interface ConfigRevision {
  readonly id: string;
  /** When the app saw it, ms since the epoch. */
  readonly at: number;
  /** Who changed it: the app's own user, somebody else, or it happened while the app did not run. */
  readonly by: { readonly kind: 'user'; readonly name: string } | { readonly kind: 'others' | 'unseen' };
  readonly changes: readonly RecordedChange[];
}
