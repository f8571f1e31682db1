import type { ObjectStore } from '../../storage/object-store.ts';

export interface Expected {
  readonly storageKey: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly size: number;
}

/** What is wrong with an object. */
export interface ObjectFault {
  readonly kind: 'missing' | 'damaged' | 'unreadable';
  readonly message: string;
}

/**
 * Looks whether an object is there and has its size, and unless `quick` reads it and compares its digest.
 * @returns undefined when it is whole
 * @throws what the store says when it does not work at all
 */
export async function verifyObject(
  store: ObjectStore,
  expected: Expected,
  quick: boolean,
): Promise<ObjectFault | undefined> {
  const found = quick ? await statOnly(store, expected) : await readTwice(store, expected);
  if (found === undefined) return missing(expected);
  if (found instanceof Error) {
    return { kind: 'unreadable', message: `${expected.storageKey} cannot be read: ${found.message}` };
  }
  if (found.size !== expected.size) {
    const sizes = `${found.size} bytes instead of ${expected.size}`;
    return { kind: 'damaged', message: `${expected.storageKey} has ${sizes}` };
  }
  if (found.sha256 !== expected.sha256) {
    return { kind: 'damaged', message: `${expected.storageKey} has other content: it hashes to ${found.sha256}` };
  }
  return undefined;
}

function missing({ storageKey }: Expected): ObjectFault {
  return { kind: 'missing', message: `${storageKey} is not in the storage` };
}

interface Found {
  readonly size: number;
  readonly sha256: string;
}

async function statOnly(store: ObjectStore, { storageKey, sha256 }: Expected): Promise<Found | undefined> {
  const found = await store.stat(storageKey);
  return found && { size: found.size, sha256 };
}

/** A connection can break; what breaks twice at an object that is there is the object's fault. */
async function readTwice(store: ObjectStore, { storageKey }: Expected): Promise<Found | Error | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read(store, storageKey);
    } catch (error) {
      if (!(await store.stat(storageKey))) return undefined;
      if (attempt === 2) return error instanceof Error ? error : new Error(String(error));
    }
  }
}

async function read(store: ObjectStore, key: string): Promise<Found> {
  const body = await store.open(key);
  const hash = new Bun.CryptoHasher('sha256');
  let size = 0;
  for await (const chunk of body instanceof Blob ? body.stream() : body) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  return { size, sha256: hash.digest('hex') };
}
