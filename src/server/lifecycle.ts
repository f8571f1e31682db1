import { PackyardError } from '../model/errors.ts';
import { jsonError } from './errors.ts';

/** Seconds after which another server, or the next one at this address, may answer. */
const RETRY_AFTER = 5;

/** What a server does with requests: answers; answers and asks to be sent no more; refuses, since its places are closed. */
export type Phase = 'serving' | 'draining' | 'closed';

/** Where a server is on its way from the start to the end. */
export class Lifecycle {
  phase: Phase = 'serving';

  /**
   * Makes a handler see to it that clients go elsewhere at the end: connections are closed after their answer, and what
   * comes too late is told to try again.
   */
  guard<Listener>(handler: (request: Request, listener: Listener) => Response | Promise<Response>): typeof handler {
    return (request, listener) => {
      if (this.phase === 'serving') return handler(request, listener);
      if (this.phase === 'closed') return closing(refusal());
      return Promise.resolve(handler(request, listener)).then(closing);
    };
  }
}

function closing(response: Response): Response {
  response.headers.set('connection', 'close');
  return response;
}

function refusal(): Response {
  const error = new PackyardError('unavailable', 'the server is ending', {
    hint: 'try again in a moment',
    retryAfter: RETRY_AFTER,
  });
  return jsonError(error, crypto.randomUUID());
}
