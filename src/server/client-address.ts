import { BlockList, isIPv4 } from 'node:net';
import { PackyardError } from '../model/errors.ts';

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

  /** The nearest address that is not one of the trusted proxies. */
  of(peer: string, forwardedFor: string | null): string {
    let address = plain(peer);
    const chain = forwardedFor?.split(',').map((part) => plain(part.trim())) ?? [];
    while (chain.length > 0 && this.isTrusted(address)) address = chain.pop() ?? address;
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
  return address.replace(/^::ffff:/i, '');
}
