import { PackyardError } from '../../model/errors.ts';

/** What one look has shown. */
export interface Finding {
  /** `warn`: it works, but somebody should know. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was looked at: `database`. */
  readonly what: string;
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** An error as a finding, with its innermost cause: whoever runs this may know everything but secrets. */
export function failed(what: string, error: unknown, hint?: string): Finding {
  const message = error instanceof Error ? error.message : String(error);
  const cause = innermost(error);
  const detail = cause === undefined || message.includes(cause) ? message : `${message} (${cause})`;
  return { status: 'fail', what, detail, hint: hint ?? (error instanceof PackyardError ? error.hint : undefined) };
}

function innermost(error: unknown): string | undefined {
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause instanceof Error && cause.message !== '' ? cause.message : undefined;
}
