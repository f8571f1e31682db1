import type { Repository, ServedFile } from '../registry/model.ts';
import { type ObjectStore, presignsObjects } from '../storage/object-store.ts';
import { AddressRanges } from './address-ranges.ts';

/** Below this, a second request costs more than the bytes. */
const SMALLEST = 64 * 1024;
/** Seconds. Enough to begin; a download that has begun goes on after that. */
const EXPIRES = 900;

/** Decides who fetches a file from the object store itself instead of through us. */
export class Redirects {
  readonly #store: ObjectStore;
  readonly #networks: AddressRanges;

  /** @param networks addresses and CIDR ranges whose clients can reach the object store */
  constructor(store: ObjectStore, networks: readonly string[]) {
    this.#store = store;
    this.#networks = new AddressRanges('redirects.networks', networks);
  }

  /**
   * Where the client gets the file; undefined: from us. The address is a secret: for the client's eyes only, never for a log.
   * @param headers what we would say of the file
   */
  async addressOf(
    file: ServedFile,
    asking: {
      readonly repository: Repository;
      readonly address: string;
      readonly headers: Readonly<Record<string, string>>;
    },
  ): Promise<string | undefined> {
    const { repository, address, headers } = asking;
    if (!presignsObjects(this.#store)) return undefined;
    if (!shouldRedirect({ mode: repository.downloads, isNear: this.#networks.has(address), size: file.size }))
      return undefined;
    return this.#store.presign(file.storageKey, {
      expiresSeconds: EXPIRES,
      contentType: headers['content-type'],
      contentDisposition: headers['content-disposition'],
    });
  }
}

/** @param asked.isNear the client is in a network that the settings name */
export function shouldRedirect(asked: {
  readonly mode: Repository['downloads'];
  readonly isNear: boolean;
  readonly size: number;
}): boolean {
  if (asked.size < SMALLEST || asked.mode === 'proxy') return false;
  return asked.isNear || asked.mode === 'redirect';
}
