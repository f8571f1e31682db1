/** A file to send. `stream` may be called again when a request is repeated; a `Blob` or `File` fits, with a name. */
export interface UploadFile {
  /** The base name. */
  readonly name: string;
  /** Bytes: must be exact. */
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
}

export interface MultipartForm {
  readonly contentType: string;
  /** Length of the whole body in bytes. */
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
}

/**
 * A multipart/form-data body (RFC 7578) with one file, read while it is sent: one chunk of it is in memory at a time.
 * @param fieldName the form field that carries the file
 * @param onProgress told how many bytes of the file have been handed over; starts again at 0 when the request is repeated
 */
export function multipartForm(
  fieldName: string,
  file: UploadFile,
  onProgress: (sent: number) => void = () => {},
): MultipartForm {
  const boundary = `packyard-${crypto.randomUUID()}`;
  const encoder = new TextEncoder();
  const head = encoder.encode(
    `--${boundary}\r\n` +
      `Content-Disposition: form-data; name="${escapeName(fieldName)}"; filename="${escapeName(file.name)}"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  );
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`);

  async function* parts(): AsyncGenerator<Uint8Array> {
    yield head;
    let sent = 0;
    onProgress(sent);
    for await (const chunk of chunksOf(file.stream())) {
      sent += chunk.byteLength;
      if (sent > file.size) break;
      yield chunk;
      onProgress(sent);
    }
    if (sent !== file.size) throw new Error(`${file.name} changed while it was being sent`);
    yield tail;
  }

  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    size: head.byteLength + file.size + tail.byteLength,
    stream: () => pulled(parts()),
  };
}

/** The escapes that the HTML standard gives for names in form data. */
function escapeName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Asynchronous iteration over a web stream, also where the stream itself does not offer it. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let finished = false;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    finished = true;
  } finally {
    if (!finished) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** A stream that reads on only when it is asked to (no queue of its own). */
function pulled(parts: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await parts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
