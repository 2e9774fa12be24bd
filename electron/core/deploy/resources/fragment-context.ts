/** What fragments need beside their own resource. */
export interface FragmentContext {
  readonly manifestPath: string;
  readonly stateDirectory: string;
  /** Where the copy of a file that was there before is kept, or ''. */
  readonly backupOf: (path: string) => string;
}
