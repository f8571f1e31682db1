import type { ZodType } from 'zod';
import type { Api } from './context.ts';
import { ErrorBody } from './schemas.ts';

const REFUSALS = {
  400: { name: 'InvalidRequest', description: 'The request cannot be right; the message names the wrong field.' },
  401: { name: 'Unauthenticated', description: 'Credentials are missing, wrong, expired or revoked.' },
  403: { name: 'Forbidden', description: "The caller's token does not allow this." },
  404: { name: 'NotFound', description: 'There is no such thing, or it is gone.' },
  409: { name: 'Conflict', description: 'Something of that name is there already.' },
  413: { name: 'TooLarge', description: 'The request body is too large.' },
} as const;

type Refusal = keyof typeof REFUSALS;
type Reference = { readonly $ref: string };

/** The refusals of one operation, by status, as references to the shared descriptions. */
export function refusals<Status extends Refusal>(...statuses: readonly Status[]): Record<Status, Reference> {
  const entries = statuses.map((status) => [status, { $ref: `#/components/responses/${REFUSALS[status].name}` }]);
  return Object.fromEntries(entries) as Record<Status, Reference>;
}

/** For operations that nobody may do without credentials. */
export const credentialsRequired: Record<string, string[]>[] = [{ basic: [] }, { bearer: [] }];

/** A JSON answer, or a JSON request body. */
export function json<Schema extends ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** Puts what all operations share into the document. */
export function registerShared(api: Api): void {
  api.openAPIRegistry.registerComponent('securitySchemes', 'basic', {
    type: 'http',
    scheme: 'basic',
    description: 'Any user name, with a token as the password.',
  });
  api.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  api.openAPIRegistry.register('Error', ErrorBody);
  for (const { name, description } of Object.values(REFUSALS)) {
    api.openAPIRegistry.registerComponent('responses', name, {
      description,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    });
  }
}
