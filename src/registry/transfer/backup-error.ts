import { PackyardError } from '../../model/errors.ts';
import { translateFsError } from '../../storage/translate-fs-error.ts';

/** Does something in a folder of backups; what the file system says against it becomes an error that names that folder. */
export async function inBackup<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw named(path, error);
  }
}

function named(path: string, error: unknown): unknown {
  const meaning = meaningOf(path, error);
  if (!(meaning instanceof PackyardError)) return error;
  if (meaning.code === 'storage_full') {
    return new PackyardError('storage_full', `the volume of ${path} is full: the backup is not complete`, {
      hint: 'free space there and run it again: what has been copied is not copied once more',
      cause: meaning.cause,
    });
  }
  // Where it was ours already, it is about the instance that is read.
  if (meaning === error || meaning.code !== 'unavailable') return error;
  return new PackyardError('unavailable', `${path} cannot be used`, {
    hint: 'check that it exists, that its volume works, and that you may read and write there',
    cause: error,
  });
}

function meaningOf(path: string, error: unknown): unknown {
  try {
    return translateFsError(path)(error);
  } catch (translated) {
    return translated;
  }
}
