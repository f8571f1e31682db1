import { PackyardError } from '../model/errors.ts';
import type { ByteSource } from './object-store.ts';

/** Passes a stream on until it grows beyond `maxSize` bytes, then throws `too_large`. */
export async function* limitSize(source: ByteSource, maxSize = Number.POSITIVE_INFINITY): AsyncIterable<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > maxSize) {
      throw new PackyardError(
        'too_large',
        `the file is larger than ${maxSize} bytes, the most that this server takes`,
        {
          hint: 'the setting limits.upload_bytes raises the limit',
        },
      );
    }
    yield chunk;
  }
}
