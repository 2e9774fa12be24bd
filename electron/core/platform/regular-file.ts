import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { appError, type AppError } from '../../../shared/model/app-error';

/**
 * Opens a file for reading, and nothing else that a path may name: a pipe or a device never comes to its end, and a read that waits
 * for one holds one of the few threads that all file work of the app shares. Rejects with `app.no_regular_file`, or as the system does.
 */
export async function openRegular(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK, opening a pipe waits until somebody writes into it.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const isRegular = await handle.stat().then(
    (found) => found.isFile(),
    () => false,
  );
  if (isRegular) return handle;
  await handle.close();
  throw notRegular(path);
}

/** The error for a path that names no file of that kind. */
export function notRegular(path: string): AppError {
  return appError('app.no_regular_file', `${path} is a directory, a pipe or a device, not a file.`, {
    target: path,
    hint: 'Name a file.',
  });
}
