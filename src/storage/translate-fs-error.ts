import { PackyardError } from '../model/errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENOTDIR', 'ENOENT']);

/** Turns the operating system's error into ours; what is not a file-system error passes through unchanged. */
export function translateFsError(store: string): (error: unknown) => never {
  return (error) => {
    const code = errorCode(error);
    if (code && FULL.has(code)) {
      throw new PackyardError('storage_full', 'the storage is full: nothing was stored', {
        hint: 'free space on the volume of the data folder, then try again',
        cause: error,
      });
    }
    if (code && REFUSED.has(code)) {
      throw new PackyardError('unavailable', `the storage does not work (${code})`, {
        hint: 'the server log names the folder; check that it exists and belongs to the server’s user',
        retryAfter: 5,
        cause: new Error(`${store}: ${error instanceof Error ? error.message : code}`, { cause: error }),
      });
    }
    throw error;
  };
}

export function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
