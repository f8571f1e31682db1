import { LRUCache } from 'lru-cache';
import type { StoredFile } from '../registry/model.ts';

/** A download that would be answered in the same way if it were asked again. */
export interface HotAnswer {
  readonly file: StoredFile;
  readonly headers: Headers;
}

/** Whatever makes an answer depend on more than the address. */
const PERSONAL_HEADERS = ['authorization', 'range', 'if-none-match', 'if-range', 'x-forwarded-for'];

const recipes = new WeakMap<Response, HotAnswer>();

/** Notes with a response how to make it again. Only for a whole file, sent to somebody without credentials or conditions. */
export function noteRecipe(request: Request, response: Response, answer: HotAnswer): Response {
  if (isImpersonal(request)) recipes.set(response, answer);
  return response;
}

/** Whether a request is GET and says nothing but an address. */
export function isImpersonal(request: Request): boolean {
  return request.method === 'GET' && !PERSONAL_HEADERS.some((name) => request.headers.has(name));
}

/**
 * The downloads that everybody asks for, answered without asking routes, rights and database again: as long as nobody has
 * committed anything, the same address without credentials has the same answer. Without a change stamp nothing is kept.
 */
export class HotAnswers {
  readonly #changeStamp: () => number | undefined;
  readonly #answers = new LRUCache<string, HotAnswer>({ max: 1000 });
  #stamp: number | undefined;

  constructor(changeStamp: () => number | undefined) {
    this.#changeStamp = changeStamp;
  }

  /** The state of the database now; to be handed to `remember` with what was found out under it. */
  stamp(): number | undefined {
    const stamp = this.#changeStamp();
    if (stamp !== this.#stamp) {
      this.#answers.clear();
      this.#stamp = stamp;
    }
    return stamp;
  }

  get(url: string): HotAnswer | undefined {
    return this.#answers.get(url);
  }

  remember(url: string, stamp: number | undefined, response: Response): void {
    const answer = recipes.get(response);
    if (answer && stamp !== undefined && stamp === this.stamp()) this.#answers.set(url, answer);
  }
}
