/** Waits until something is so; at most fifteen seconds. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error('It did not become so within fifteen seconds.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
