import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database.ts';
import type { ServedFile } from '../registry/model.ts';

/** A download that would be answered in the same way if it were asked again. */
export interface HotAnswer {
  readonly file: ServedFile;
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

/** What a stamp is differs by database; two that are equal mean that nobody has committed anything in between. */
type Stamp = number | string;

/**
 * The downloads that everybody asks for, answered without asking routes, rights and database again: as long as nobody has
 * committed anything, the same address without credentials has the same answer. Without a change stamp nothing is kept.
 */
export class HotAnswers {
  readonly #database: Pick<Database, 'changeStamp' | 'askChangeStamp'>;
  readonly #answers = new LRUCache<string, HotAnswer>({ max: 1000 });
  #stamp: Stamp | undefined;

  constructor(database: Pick<Database, 'changeStamp' | 'askChangeStamp'>) {
    this.#database = database;
  }

  /** The state of the database now; to be handed to `get`, and to `remember` with what was found out under it. */
  stamp(): Stamp | undefined | Promise<Stamp | undefined> {
    return this.#database.askChangeStamp?.() ?? this.#database.changeStamp();
  }

  /** @param stamp the newest that was asked for */
  get(url: string, stamp: Stamp | undefined): HotAnswer | undefined {
    if (stamp === undefined) return undefined;
    this.#renew(stamp);
    return this.#answers.get(url);
  }

  async remember(url: string, stamp: Stamp | undefined, response: Response): Promise<void> {
    const answer = recipes.get(response);
    if (!answer || stamp === undefined) return;
    const now = await this.stamp();
    if (stamp !== now) return;
    this.#renew(stamp);
    this.#answers.set(url, answer);
  }

  #renew(stamp: Stamp): void {
    if (stamp === this.#stamp) return;
    this.#answers.clear();
    this.#stamp = stamp;
  }
}
