import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { TransferRow } from '../../database/queries/transfer.ts';
import type { RowPage } from './row-pages.ts';
import { decodeRow } from './row-text.ts';

/** Lines that make one page. */
const PAGE_ROWS = 500;
const PAGE_CHARACTERS = 4 << 20;

/** Writes pages of rows as JSON lines, compressed with zstd; durable when the promise is fulfilled. */
export async function writeTableFile(path: string, pages: AsyncIterable<RowPage>): Promise<void> {
  const texts = async function* (): AsyncIterable<Buffer> {
    for await (const page of pages) yield Buffer.from(page.text);
  };
  // The rows hold digests of tokens: for the owner alone.
  await pipeline(Readable.from(texts()), createZstdCompress(), createWriteStream(path, { mode: 0o600, flags: 'wx' }));
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads what `writeTableFile` wrote. @throws Error when the file is damaged: of zlib, or SyntaxError */
export async function* readTableFile(path: string): AsyncIterable<RowPage> {
  let rows: TransferRow[] = [];
  let text = '';
  for await (const line of lines(path)) {
    rows.push(decodeRow(line));
    text += `${line}\n`;
    if (rows.length < PAGE_ROWS && text.length < PAGE_CHARACTERS) continue;
    yield { rows, text };
    rows = [];
    text = '';
  }
  if (rows.length > 0) yield { rows, text };
}

async function* lines(path: string): AsyncIterable<string> {
  const decompressed = createZstdDecompress();
  // A failure of the file's comes out of the decompressor, and is thrown where that is read.
  const feeding = pipeline(createReadStream(path), decompressed).catch(() => {});
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of decompressed as AsyncIterable<Uint8Array>) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  await feeding;
  if (rest !== '') throw new SyntaxError('the last line has no end');
}
