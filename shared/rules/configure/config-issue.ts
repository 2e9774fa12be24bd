/** Something in a configuration that is wrong or has no effect: where, what, and what to do. */
export interface ConfigIssue {
  readonly path: readonly string[];
  /** `error` keeps the configuration from being applied. */
  readonly severity: 'error' | 'warning' | 'info';
  readonly sentence: string;
  readonly advice: string;
}
