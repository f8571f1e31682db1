import { BlockList, isIPv4 } from 'node:net';
import { invalid } from '../model/errors.ts';

/** A set of IP addresses, named one by one or as CIDR ranges. */
export class AddressRanges {
  readonly #ranges = new BlockList();

  /** @throws PackyardError `invalid_request` naming the setting for what is neither */
  constructor(setting: string, entries: readonly string[]) {
    for (const entry of entries) {
      const [address = '', prefix] = entry.split('/');
      const family = isIPv4(address) ? 'ipv4' : 'ipv6';
      try {
        if (prefix === undefined) this.#ranges.addAddress(address, family);
        else this.#ranges.addSubnet(address, Number(prefix), family);
      } catch (cause) {
        throw invalid(`${setting}: ${entry} is not an address or a CIDR range`, { cause });
      }
    }
  }

  has(address: string): boolean {
    const bare = withoutPrefix(address);
    try {
      return this.#ranges.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6');
    } catch {
      return false;
    }
  }
}

/** Without the prefix of an IPv4 address on an IPv6 socket. */
export function withoutPrefix(address: string): string {
  return address.replace(/^::ffff:(?=[0-9]+\.)/i, '');
}
