import type { PackageRoute } from '../package-routes/package-route';

/** A new key with its certificate and the authority to trust, as PEM texts. */
export interface IssuedCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What fragments need beside their own resource. */
export interface ScriptContext {
  readonly manifestPath: string;
  readonly stateDirectory: string;
  /** How apt gets at packages during this run. */
  readonly packages: PackageRoute;
  /** Where the copy of a file that was there before is kept, or ''. */
  readonly backupOf: (path: string) => string;
  /** Certificates made for this run, by step. */
  readonly issued: ReadonlyMap<string, IssuedCertificate>;
}
