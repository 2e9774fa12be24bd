import { expect, it } from 'vitest';
import { pauseBetweenLooks } from '../../../electron/core/backups/backup-step';

it('a wait between two looks ends the work where the app ends, so that nobody asks on and on without a pause', async () => {
  const ending = new AbortController();
  const waiting = pauseBetweenLooks(60_000, ending.signal);
  ending.abort(new Error('The app ends.'));
  await expect(waiting).rejects.toThrow('The app ends.');
  await expect(pauseBetweenLooks(1, ending.signal)).rejects.toThrow('The app ends.');
  await expect(pauseBetweenLooks(1, new AbortController().signal)).resolves.toBeUndefined();
});
