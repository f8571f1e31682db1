import type { Hook } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { ZodError } from 'zod';
import type { HttpEnv } from '../../formats/format.ts';
import { invalid, PackyardError } from '../../model/errors.ts';

type Issue = ZodError['issues'][number];

const PLACES: Readonly<Record<string, string>> = { json: 'body', query: 'query', param: 'path' };
const DOCUMENT_HINT = 'GET /api/v1/openapi.json describes every field';

/**
 * Refuses input that does not fit its schema.
 * @throws PackyardError `invalid_request` naming the first wrong field
 */
export const refuseInvalidInput: Hook<unknown, HttpEnv, string, undefined> = (result) => {
  if (result.success) return undefined;
  const place = PLACES[result.target] ?? result.target;
  const issue = result.error.issues[0];
  if (!issue) throw invalid(`the ${place} is not valid`);
  const path = describePath(issue);
  throw invalid(`${place}${path === '' ? '' : ` field ${path}`}: ${describeProblem(issue)}`, {
    hint: DOCUMENT_HINT,
    details: { in: place, path },
  });
};

function describePath(issue: Issue): string {
  const keys = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  return keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

function describeProblem(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return 'there is no such field';
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return 'is required';
  return issue.message.replace(/^(?:Invalid input|Invalid option|Too (?:small|big)): /, '');
}

/**
 * Turns what the framework throws while it reads a body into one of our errors, and passes everything else on.
 * @throws PackyardError `invalid_request` for a body that is not JSON or is not declared as such
 */
export function rethrow(error: Error): never {
  if (error instanceof PackyardError || !(error instanceof HTTPException)) throw error;
  if (error.status === 415) {
    throw invalid('the request body must be JSON', { hint: 'send the header Content-Type: application/json' });
  }
  if (error.status === 400) throw invalid('the request body is not well-formed JSON', { cause: error });
  throw error;
}
