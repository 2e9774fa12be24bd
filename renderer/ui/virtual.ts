import { useVirtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';

/** How a long list is drawn: only the rows on the screen are in the document. Sizes are px. */
export interface RowsOptions {
  readonly count: number;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly rowHeight: number;
  readonly overscan: number;
  /** Height of what scrolls above the first row. */
  readonly above?: number;
}

/** The rows of a long list that are near the screen. */
export function useRows(options: RowsOptions) {
  return useVirtualizer({
    count: options.count,
    getScrollElement: () => options.scroller.current,
    estimateSize: () => options.rowHeight,
    overscan: options.overscan,
    scrollMargin: options.above ?? 0,
  });
}
