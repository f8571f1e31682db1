const MAGIC = 0xfd2fb528;
/** Sixteen magic numbers of frames that hold no content. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_ID_SIZES = [0, 1, 2, 4];
const CONTENT_SIZE_SIZES = [0, 2, 4, 8];
const CHECKSUM_SIZE = 4;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** Whether bytes are nothing but whole zstd frames, at least one (RFC 8878, section 3.1). Looks at headers only. */
export function isWholeZstd(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position: number | undefined = 0;
  do {
    position = endOfFrame(view, position);
  } while (position !== undefined && position < view.byteLength);
  return position === view.byteLength;
}

/** Where the frame ends that begins at `start`; undefined when none does, or when it is cut off. */
function endOfFrame(view: DataView, start: number): number | undefined {
  if (start + 8 > view.byteLength) return undefined;
  const magic = view.getUint32(start, true);
  if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) return start + 8 + view.getUint32(start + 4, true);
  if (magic !== MAGIC) return undefined;
  const descriptor = view.getUint8(start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSizeSize = (CONTENT_SIZE_SIZES[descriptor >>> 6] ?? 0) || (isSingleSegment ? 1 : 0);
  const windowSize = isSingleSegment ? 0 : 1;
  let position = start + 5 + windowSize + (DICTIONARY_ID_SIZES[descriptor & 3] ?? 0) + contentSizeSize;
  for (let isLast = false; !isLast; ) {
    if (position + 3 > view.byteLength) return undefined;
    const header = view.getUint16(position, true) | (view.getUint8(position + 2) << 16);
    const type = (header >>> 1) & 3;
    if (type === RESERVED_BLOCK) return undefined;
    isLast = (header & 1) === 1;
    position += 3 + (type === RLE_BLOCK ? 1 : header >>> 3);
  }
  return position + ((descriptor & 0x04) !== 0 ? CHECKSUM_SIZE : 0);
}
