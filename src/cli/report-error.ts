import { DXFUnauthorizedError } from '../client/dxf/dxf-errors.ts';
import { field } from '../client/oci/field.ts';
import { RegistryError } from '../client/oci/registry-error.ts';
import { PackyardClientError } from '../client/packyard-client-error.ts';
import { PackyardError } from '../model/errors.ts';
import type { Io } from './io.ts';
import { printable } from './printable.ts';
import { UsageError } from './usage-error.ts';

interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly cause?: string;
  readonly hint?: string;
  readonly requestId?: string;
}

/** Tells on standard error what went wrong, why, and what to do: for people, or with `json` as one object. */
export function reportError(io: Io, error: unknown, json: boolean): void {
  const report = describe(error);
  if (json) {
    io.note(JSON.stringify({ error: report }));
    return;
  }
  const label = io.colour ? '\u001b[31merror:\u001b[39m' : 'error:';
  io.note(`${label} ${printable(report.message)}`);
  if (report.cause) io.note(`cause: ${printable(report.cause)}`);
  if (report.hint) io.note(`try: ${printable(report.hint)}`);
  if (report.requestId !== undefined) io.note(`request id: ${printable(report.requestId)}`);
}

function describe(error: unknown): ErrorReport {
  if (error instanceof PackyardClientError) {
    const { code, message, hint, requestId } = error;
    return { code, message, cause: causeOf(error), hint, requestId };
  }
  if (error instanceof PackyardError) {
    return { code: error.code, message: error.message, cause: causeOf(error), hint: error.hint };
  }
  if (error instanceof RegistryError) {
    const { code, message } = error;
    return { code, message, cause: causeOf(error), hint: hintOf(error), requestId: requestIdIn(error) };
  }
  if (error instanceof UsageError) return { code: 'usage', message: error.message, hint: error.hint };
  if (!(error instanceof Error)) return { code: 'internal', message: String(error) };
  // The system's errors speak for themselves; of a defect, the place is what helps.
  if ('code' in error) return { code: 'internal', message: error.message, cause: causeOf(error) };
  return { code: 'internal', message: 'unexpected error', cause: error.stack ?? error.message };
}

/** The library speaks of its options, and cannot know where a command takes what is missing. */
function hintOf(error: RegistryError): string | undefined {
  if (error.code === 'insecure_login') return 'reach the registry by https';
  if (error instanceof DXFUnauthorizedError)
    return 'check DXF_USERNAME and DXF_PASSWORD; a token in DXF_TOKEN lasts only minutes: dxf auth gets a new one';
  if (error.status === 401) return 'for oci/NAME set PACKYARD_TOKEN, for another registry call `docker login HOST`';
  return error.hint;
}

/** A Packyard server gives it along with what it says. */
function requestIdIn({ detail }: RegistryError): string | undefined {
  const id = field(detail, 'requestId');
  return typeof id === 'string' ? id : undefined;
}

/** The innermost reason: what lies between usually says the same in other words. */
function causeOf(error: Error): string | undefined {
  let inner: unknown = error.cause;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  const text = inner instanceof Error ? inner.message : undefined;
  return text && text !== error.message ? text : undefined;
}
