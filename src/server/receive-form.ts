import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import type { ReceivedForm, ReceiveFormOptions } from '../formats/format.ts';
import type { DigestAlgorithm } from '../model/digest.ts';
import { invalid, PackyardError } from '../model/errors.ts';
import type { StagedObject } from '../registry/model.ts';
import type { Registry } from '../registry/registry.ts';

/** A description with a whole manual in it fits; a form is not the way to send more. */
const MAX_FIELD_BYTES = 8 * 1024 * 1024;
/** Bytes on the way between network, parser and storage. */
const BUFFER = 256 * 1024;
/** twine of old sends a detached signature beside the file; PyPI ignores it, and so do we. */
const IGNORED_FILES = new Set(['gpg_signature']);

export interface FormLimits {
  readonly fields: number;
  readonly fileBytes?: number;
}

/**
 * Receives a multipart form with one file, streaming: fields in any order, the file anywhere among them.
 * @throws PackyardError `invalid_request`, `too_large`, `client_closed`, `storage_full`; nothing stays of the file then
 */
export async function receiveForm(
  registry: Registry,
  request: Request,
  limits: FormLimits,
  options: ReceiveFormOptions = {},
): Promise<ReceivedForm> {
  const form = new FormReader(registry, limits, options);
  try {
    return await form.read(request);
  } catch (error) {
    await form.discard();
    throw error;
  }
}

class FormReader {
  readonly #registry: Registry;
  readonly #limits: FormLimits;
  readonly #options: ReceiveFormOptions;
  readonly #fields = new Map<string, string[]>();
  #fieldBytes = 0;
  #file: { readonly fieldName: string; readonly fileName: string; readonly staged: Promise<StagedObject> } | undefined;

  constructor(registry: Registry, limits: FormLimits, options: ReceiveFormOptions) {
    this.#registry = registry;
    this.#limits = limits;
    this.#options = options;
  }

  async read(request: Request): Promise<ReceivedForm> {
    const type = request.headers.get('content-type') ?? '';
    if (!request.body || !/^multipart\/form-data\s*;/i.test(type)) {
      throw invalid('the upload must be a multipart form', { hint: 'with curl: -F f=@FILE' });
    }
    await this.#parse(request.body, type);
    if (!this.#file) throw invalid('the form has no file', { hint: 'with curl: -F f=@FILE (the @ makes it a file)' });
    const { fieldName, fileName, staged } = this.#file;
    return { fields: this.#fields, fieldName, fileName, staged: await staged };
  }

  async discard(): Promise<void> {
    const staged = await this.#file?.staged.catch(() => undefined);
    await staged?.discard();
  }

  #parse(body: ReadableStream<Uint8Array>, contentType: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let parser: BusboyInstance;
    try {
      parser = new Busboy({
        headers: { 'content-type': contentType } as BusboyHeaders,
        highWaterMark: BUFFER,
        fileHwm: BUFFER,
        limits: {
          fields: this.#limits.fields,
          fieldSize: MAX_FIELD_BYTES,
          fieldNameSize: 200,
          files: 2,
          headerPairs: 50,
        },
      });
    } catch (error) {
      throw invalid('the multipart form cannot be read: its Content-Type has no usable boundary', { cause: error });
    }
    const source = Readable.fromWeb(body as unknown as NodeReadableStream);
    const fail = (error: unknown): void => {
      source.unpipe(parser);
      source.destroy();
      reject(error);
    };
    source.on('error', (cause) => {
      const gone = new PackyardError('client_closed', 'the client went away before the upload was complete', { cause });
      parser.destroy();
      this.#abortFile?.(gone);
      reject(gone);
    });
    parser.on('field', (name, value, nameTruncated, valueTruncated) => {
      if (nameTruncated || valueTruncated) return fail(tooLarge('a form field is too long'));
      this.#fieldBytes += value.length;
      if (this.#fieldBytes > 2 * MAX_FIELD_BYTES) return fail(tooLarge('the form fields are too long together'));
      this.#fields.set(name, [...(this.#fields.get(name) ?? []), value]);
    });
    parser.on('file', (fieldName, stream, fileName) => {
      if (IGNORED_FILES.has(fieldName)) return void stream.resume();
      if (this.#file) {
        stream.resume();
        return fail(invalid('the form has more than one file', { hint: 'upload one file in each request' }));
      }
      // Its reader is told by the iteration; but it may not have one yet, or no longer.
      stream.on('error', () => {});
      const digests = this.#wantedDigests();
      this.#abortFile = (error) => stream.destroy(error);
      const staged = this.#stage(stream, digests);
      staged.catch(fail);
      this.#file = { fieldName, fileName: fileName ?? '', staged };
    });
    parser.on('fieldsLimit', () => fail(invalid(`the form has more than ${this.#limits.fields} fields`)));
    parser.on('filesLimit', () => fail(invalid('the form has too many files')));
    parser.on('error', (error: unknown) => {
      const cut = invalid('the multipart form ends too early or is not well-formed: nothing was stored', {
        cause: error,
      });
      this.#abortFile?.(cut);
      fail(cut);
    });
    parser.on('finish', resolve);
    source.pipe(parser);
    return promise;
  }

  #abortFile: ((error: Error) => void) | undefined;

  async #stage(stream: Readable, digests: DigestAlgorithm[]): Promise<StagedObject> {
    await this.#options.beforeFile?.(this.#fields);
    return this.#registry.stage(truncationAware(stream), { maxSize: this.#limits.fileBytes, digests });
  }

  #wantedDigests(): DigestAlgorithm[] {
    const announced = Object.entries(this.#options.digestFields ?? {}).filter(([field]) => this.#fields.has(field));
    const algorithms = announced.map(([, algorithm]) => algorithm);
    return [...new Set([...algorithms, ...(this.#options.digests ?? [])])].filter((each) => each !== 'sha256');
  }
}

/** A file part that stops before its boundary is an error, also where the parser only marks it. */
async function* truncationAware(stream: Readable & { truncated?: boolean }): AsyncIterable<Uint8Array> {
  yield* stream;
  if (stream.truncated) throw invalid('the file in the form was cut off');
}

function tooLarge(message: string): PackyardError {
  return new PackyardError('too_large', message);
}
