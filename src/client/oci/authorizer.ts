import type { Answer, Outgoing } from './exchange.ts';
import type { Redact } from './refusal.ts';
import type { Scopes } from './scopes.ts';

/** Sends a request to a token server, again where that may help; gives answers of any status. */
export type Ask = (outgoing: Outgoing) => Promise<Answer>;

export interface SentHeader {
  readonly authorization: string | undefined;
  readonly isNew: boolean;
}

/** Decides what a connection's requests carry in `Authorization`. */
export interface Authorizer {
  /** The header for a request that needs `scopes`; undefined while there is nothing to show. */
  header(scopes: Scopes, ask: Ask): Promise<string | undefined>;
  /**
   * Takes an answer 401.
   * @param sent the header that the request carried, and whether it came from an earlier call for the same request
   * @returns whether to send the request again, with the header that there is now
   */
  refused(response: Response, scopes: Scopes, sent: SentHeader, ask: Ask): Promise<boolean>;
  redact: Redact;
}
