import type { Hasher } from './hasher.ts';
import { RegistryDigestError } from './registry-error.ts';

/** What bytes on their way out have to be, and what they were. */
export interface Measure {
  /** Where in the blob they begin. */
  readonly offset: number;
  readonly size: number | undefined;
  readonly digest: string | undefined;
  /** Only where they begin at the beginning. */
  readonly hasher: Hasher | undefined;
  readonly onProgress?: (sent: number, total: number | undefined) => void;
  /** The digest, when all have passed. */
  got?: string;
  /** What was wrong with the source. A runtime's fetch may hide it behind an error of its own. */
  fault?: unknown;
}

/**
 * Passes bytes on and compares their number and digest with what was said. The last part is given out only when all is right, so
 * that a wrong upload cannot become complete.
 */
export async function* measured(parts: AsyncIterable<Uint8Array>, measure: Measure): AsyncGenerator<Uint8Array> {
  const { size, hasher, onProgress } = measure;
  let read = measure.offset;
  let held: Uint8Array | undefined;
  try {
    for await (const part of parts) {
      read += part.byteLength;
      if (size !== undefined && read > size) throw wrongSize(`more than ${size} bytes`, measure);
      hasher?.update(part);
      if (held !== undefined) {
        yield held;
        onProgress?.(read - part.byteLength, size);
      }
      held = part;
    }
    check(read, measure);
  } catch (error) {
    measure.fault = error;
    throw error;
  }
  if (held === undefined) return;
  yield held;
  onProgress?.(read, size);
}

function check(sent: number, measure: Measure): void {
  if (measure.size !== undefined && sent !== measure.size) throw wrongSize(`${sent} bytes`, measure);
  measure.got = measure.hasher?.digest();
  if (measure.digest !== undefined && measure.got !== undefined && measure.got !== measure.digest) {
    const message = `the bytes to push are not those of ${measure.digest}: their digest is ${measure.got}`;
    throw new RegistryDigestError(measure.digest, measure.got, message);
  }
}

function wrongSize(got: string, { size }: Measure): RegistryDigestError {
  return new RegistryDigestError(`${size} bytes`, got, `there are ${got} to push where ${size} were announced`);
}
