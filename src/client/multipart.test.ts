import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { multipartForm, type UploadFile } from './multipart.ts';

/** A file that counts how much of it was read. */
function countedFile(chunks: number, chunkSize: number): UploadFile & { read: number } {
  const file = {
    name: 'big.bin',
    size: chunks * chunkSize,
    read: 0,
    stream() {
      let left = chunks;
      return new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            if (left === 0) return controller.close();
            left -= 1;
            file.read += chunkSize;
            controller.enqueue(new Uint8Array(chunkSize));
          },
        },
        { highWaterMark: 0 },
      );
    },
  };
  return file;
}

describe('a multipart form', () => {
  test('is what form parsers read back, whatever the name and the bytes', async () => {
    const name = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => text.isWellFormed() && !/[\p{Cc}%\\]/u.test(text));
    await fc.assert(
      fc.asyncProperty(name, fc.uint8Array(), async (fileName, bytes) => {
        const form = multipartForm('f', new File([new Uint8Array(bytes)], fileName));
        const body = await new Response(form.stream()).arrayBuffer();
        expect(body.byteLength).toBe(form.size);
        const headers = { 'content-type': form.contentType };
        const parsed = (await new Response(body, { headers }).formData()).get('f');
        if (!(parsed instanceof File)) throw new Error('the field is not a file');
        expect(parsed.name).toBe(fileName.replaceAll('"', '%22'));
        expect(new Uint8Array(await parsed.arrayBuffer())).toEqual(new Uint8Array(bytes));
      }),
      { numRuns: 50 },
    );
  });

  test('reads the file only as far as somebody asks', async () => {
    const file = countedFile(100, 1000);
    const reader = multipartForm('f', file).stream().getReader();
    for (let part = 0; part < 4; part += 1) await reader.read();
    expect(file.read).toBeLessThanOrEqual(4000);
    await reader.cancel();
  });

  test('breaks when the file is shorter or longer than it was said to be', async () => {
    for (const size of [1999, 2001]) {
      const file = { ...countedFile(2, 1000), size };
      await expect(new Response(multipartForm('f', file).stream()).bytes()).rejects.toThrow(
        'changed while it was being sent',
      );
    }
  });

  test('cannot be broken out of by a file name', async () => {
    const form = multipartForm('f', new File(['x'], 'a"\r\nX-Evil: 1\r\n\r\n.txt'));
    const text = await new Response(form.stream()).text();
    expect(text).not.toContain('\r\nX-Evil');
  });
});
