/** One file of a bundle. Sizes in bytes. */
export interface BundleEntry {
  readonly path: string;
  readonly size: number;
  /** Its end was left out, because it is too long. */
  readonly isCut: boolean;
}

/** Something that should be in a bundle and could not be read. */
export interface BundleGap {
  readonly what: string;
  readonly why: string;
}

/** A bundle as it was gathered, before it is saved. Times are ms since the epoch. */
export interface GatheredBundle {
  readonly bundleId: string;
  readonly entries: readonly BundleEntry[];
  readonly gaps: readonly BundleGap[];
  /** Of the whole file, bytes. */
  readonly size: number;
  readonly gatheredAt: number;
}

/** What the page hears while a bundle is gathered. */
export type BundleProgress =
  | { readonly kind: 'gathering'; readonly done: number; readonly of: number; readonly what: string }
  | { readonly kind: 'gathered'; readonly bundle: GatheredBundle };
