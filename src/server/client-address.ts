import { BlockList, isIP, isIPv4 } from 'node:net';
import { PackyardError } from '../model/errors.ts';

/** The longest IPv6 address, with an IPv4 address written at its end. A zone can be of any length and means nothing here. */
const MAX_LENGTH = 45;

/** Finds out who a request comes from, believing `X-Forwarded-*` only from proxies that the settings name. */
export class ClientAddress {
  readonly #trusted = new BlockList();

  /** @param trustedProxies addresses and CIDR ranges */
  constructor(trustedProxies: readonly string[]) {
    for (const entry of trustedProxies) {
      const [address = '', prefix] = entry.split('/');
      const family = isIPv4(address) ? 'ipv4' : 'ipv6';
      try {
        if (prefix === undefined) this.#trusted.addAddress(address, family);
        else this.#trusted.addSubnet(address, Number(prefix), family);
      } catch (cause) {
        throw new PackyardError('invalid_request', `trusted_proxies: ${entry} is not an address or a CIDR range`, {
          cause,
        });
      }
    }
  }

  /** The nearest address that is not one of the trusted proxies; what is not an address ends the search. */
  of(peer: string, forwardedFor: string | null): string {
    let address = plain(peer);
    const chain = forwardedFor?.split(',').map((part) => plain(part.trim())) ?? [];
    while (this.isTrusted(address)) {
      const next = chain.pop();
      if (next === undefined || next.length > MAX_LENGTH || isIP(next) === 0) break;
      address = next;
    }
    return address;
  }

  isTrusted(address: string): boolean {
    const bare = plain(address);
    try {
      return this.#trusted.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6');
    } catch {
      return false;
    }
  }
}

/** Without the prefix of an IPv4 address on an IPv6 socket. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=[0-9]+\.)/i, '');
}
