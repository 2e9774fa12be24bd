/** Bytes of output that may be on their way to the page before the server must wait. */
export const OUTPUT_WINDOW = 256 * 1024;

/** Bytes after which the page acknowledges what it has shown, well before the window is full. */
export const ACKNOWLEDGE_AFTER = 32 * 1024;

/** Whether a server may send, by the bytes that were not acknowledged; between the two marks it goes on as it was. */
export function mayFlow(flowing: boolean, unacknowledged: number): boolean {
  if (unacknowledged >= OUTPUT_WINDOW) return false;
  return flowing || unacknowledged <= OUTPUT_WINDOW / 2;
}
