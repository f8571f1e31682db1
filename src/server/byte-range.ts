import { PackyardError } from '../model/errors.ts';
import type { ByteRange } from '../registry/model.ts';

/**
 * The one range that a `Range` header asks for (RFC 9110 §14.2), or undefined for the whole: without a header, with one that
 * is not understood, or with several ranges, which a server may ignore.
 * @throws PackyardError with the status 416's `size` in its details when the range lies behind the end
 */
export function parseByteRange(header: string | null, size: number): ByteRange | undefined {
  const match = header?.match(/^bytes=\s*(\d*)-(\d*)\s*$/i);
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Number(last);
    return length === 0 ? unsatisfiable(size) : nonEmpty({ start: Math.max(0, size - length), end: size }, size);
  }
  const start = Number(first);
  // RFC 9110 lets a server refuse a range that ends before it begins; whoever asks for one has miscounted.
  if (last !== '' && Number(last) < start) return unsatisfiable(size);
  return nonEmpty({ start, end: last === '' ? size : Math.min(size, Number(last) + 1) }, size);
}

function nonEmpty(range: ByteRange, size: number): ByteRange {
  return range.start < range.end ? range : unsatisfiable(size);
}

function unsatisfiable(size: number): never {
  throw new UnsatisfiableRange(size);
}

/** Answered 416 with `Content-Range: bytes * /size`. */
export class UnsatisfiableRange extends PackyardError {
  readonly size: number;

  constructor(size: number) {
    super('invalid_request', `the file has only ${size} bytes`);
    this.size = size;
  }
}
