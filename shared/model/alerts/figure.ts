/**
 * What a figure measures: when a certificate ends or a disk is full (ms since the epoch), how much of a disk is free (percent), and how old
 * the oldest rows of a cluster are (millions of transactions).
 */
export type FigureKind = 'certificate_end' | 'disk_full_at' | 'disk_free_percent' | 'transaction_age';

/** A figure that was read in the background, for rules of alerts whose threshold the user sets. */
export interface ReportedFigure {
  readonly kind: FigureKind;
  /** The part of the cluster that it is about. */
  readonly subject: string;
  readonly value: number;
  /** What it is about in a sentence, e.g. `The certificate that PostgreSQL on db1 shows`. */
  readonly words: string;
}

/** The figures of one source, and the subjects that it could not read: what is known of those is neither over nor new. */
export interface ReportedFigures {
  readonly figures: readonly ReportedFigure[];
  readonly unseen: readonly string[];
  /** false: there may be more that was never read yet, so that what is not among the figures may still be so. */
  readonly isWhole: boolean;
}
