import { PackyardError } from '../../model/errors.ts';
import type { Guard } from './guarded-dialect.ts';
import {
  ConnectionLost,
  DatabaseConflict,
  databaseBusy,
  databaseFull,
  errorCodes,
  NETWORK_CODES,
  unstorable,
} from './transient-errors.ts';

/** What a driver's error codes mean; each pattern is for one whole code. */
export interface ErrorCodes {
  /** Another transaction was first: deadlock, serialization, a duplicate key, a row that others now refer to or that is gone. */
  readonly conflict: RegExp;
  /** The connection is gone, or there was none to be had. */
  readonly lost: RegExp;
  /** The same, where the driver gives a message and no code. */
  readonly lostMessage: RegExp;
  readonly unstorable: RegExp;
  readonly full: RegExp;
  /** More in one piece than the database takes; undefined where there is no such limit. */
  readonly tooLarge?: RegExp;
  /** Locks, memory, a server that only reads. */
  readonly busy: RegExp;
  /** Log-in, rights, a database that does not exist. */
  readonly refused: RegExp;
}

/**
 * Turns a driver's errors into ours.
 * @param place which database, without secrets
 */
export function errorGuard(place: string, codes: ErrorCodes): Guard {
  const isLost = (error: unknown): boolean =>
    error instanceof ConnectionLost ||
    errorCodes(error).some((code) => NETWORK_CODES.has(code) || codes.lost.test(String(code))) ||
    codes.lostMessage.test(error instanceof Error ? error.message : '');
  return {
    isLost,
    translate: (error) => {
      if (error instanceof PackyardError) return error;
      const found = errorCodes(error).map(String);
      const has = (pattern: RegExp | undefined): boolean => found.some((code) => pattern?.test(code));
      if (has(codes.conflict)) return new DatabaseConflict(error);
      if (isLost(error)) return new ConnectionLost(error);
      if (has(codes.unstorable)) return unstorable(error);
      if (has(codes.full)) return databaseFull(error);
      if (has(codes.tooLarge)) return tooLarge(error);
      if (has(codes.busy)) return databaseBusy(error);
      if (has(codes.refused)) return refused(place, error);
      return error instanceof Error ? error : new Error(String(error));
    },
  };
}

function tooLarge(cause: unknown): PackyardError {
  return new PackyardError('too_large', "the file's metadata are larger than the database takes in one piece", {
    hint: 'raise max_allowed_packet of the database server',
    cause,
  });
}

function refused(place: string, cause: unknown): PackyardError {
  const reason = cause instanceof Error ? cause.message : 'no reason given';
  return new PackyardError('unavailable', `${place} refused: ${reason}`, {
    hint: 'check user, password and database name in the database URL, and that the user may create tables there',
    cause,
  });
}
