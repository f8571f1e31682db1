import type { RepositoryId } from '../client/api-types.ts';
import { PackyardError } from '../model/errors.ts';
import { parseRepositoryRef } from '../model/repository-ref.ts';
import { UsageError } from './usage-error.ts';

/** Reads `pypi/tools` from the command line. */
export function parseRepository(text: string): RepositoryId {
  try {
    return parseRepositoryRef(text);
  } catch (error) {
    if (error instanceof PackyardError) throw new UsageError(error.message, error.hint);
    throw error;
  }
}
