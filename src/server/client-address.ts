import { isIP } from 'node:net';
import { AddressRanges, withoutPrefix } from './address-ranges.ts';

/** The longest IPv6 address, with an IPv4 address written at its end. A zone can be of any length and means nothing here. */
const MAX_LENGTH = 45;

/** Finds out who a request comes from, believing `X-Forwarded-*` only from proxies that the settings name. */
export class ClientAddress {
  readonly #trusted: AddressRanges;

  /** @param trustedProxies addresses and CIDR ranges */
  constructor(trustedProxies: readonly string[]) {
    this.#trusted = new AddressRanges('trusted_proxies', trustedProxies);
  }

  /** The nearest address that is not one of the trusted proxies; what is not an address ends the search. */
  of(peer: string, forwardedFor: string | null): string {
    let address = withoutPrefix(peer);
    const chain = forwardedFor?.split(',').map((part) => withoutPrefix(part.trim())) ?? [];
    while (this.isTrusted(address)) {
      const next = chain.pop();
      if (next === undefined || next.length > MAX_LENGTH || isIP(next) === 0) break;
      address = next;
    }
    return address;
  }

  isTrusted(address: string): boolean {
    return this.#trusted.has(address);
  }
}
