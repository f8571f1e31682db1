import type { ReadBytes } from './compression.ts';

/** What xz-decompress compiles to WebAssembly: xz-embedded, which keeps its state in a context. */
interface XzExports {
  readonly memory: WebAssembly.Memory;
  create_context(): number;
  destroy_context(context: number): void;
  /** Says how many bytes lie in the input buffer; 0 is the end of the input. */
  supply_input(context: number, length: number): void;
  /** @returns 0 go on, 1 the end, else what is wrong (`xz_ret` in xz.h) */
  get_next_output(context: number): number;
}

interface Library {
  _getModuleInstance(): Promise<void>;
  _moduleInstance: { readonly exports: XzExports } | undefined;
}

const XZ_OK = 0;
const XZ_STREAM_END = 1;
/** Reasons that are not damage: the memory limit (a dictionary of more than 64 MiB), filters and checks that are not built in. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  2: 'it has a checksum of another kind than CRC32 or CRC64',
  4: 'it asks for a dictionary of more than 64 MiB',
  6: 'it uses a filter or a checksum that this server does not have',
};
/** A memory never shrinks; those that had a large dictionary are left to the garbage collector. */
const MAX_IDLE_MEMORY = 16 * 1024 * 1024;
const MAX_IDLE = 2;

// Exactly this version is in package.json, for what is used here is not promised. Its stream is no choice: all streams of
// the process wait for one lock, which one that is not read to its end never gives back.
// Loaded when the first package needs it: decoding its WebAssembly takes longer than the rest of a start.
const load = async (): Promise<Library> => (await import('xz-decompress')).XzReadableStream as unknown as Library;
const idle: XzExports[] = [];
let lastStart: Promise<unknown> = Promise.resolve();

/** Decodes xz, several streams one behind the other as well; each use has a WebAssembly memory of its own. */
export class XzDecoder {
  readonly #exports: XzExports;

  private constructor(exports: XzExports) {
    this.#exports = exports;
  }

  /** Takes a free decoder or starts one, about a millisecond. It is used for one `decode`. */
  static async create(): Promise<XzDecoder> {
    return new XzDecoder(idle.pop() ?? (await start()));
  }

  /** @throws Error when the input is damaged, cut off, or asks for what is not supported */
  *decode(read: ReadBytes): Generator<Uint8Array<ArrayBuffer>> {
    const exports = this.#exports;
    const context = exports.create_context();
    // Growing the memory detaches all views of it, so they are made anew each time.
    const fields = (): Uint32Array => new Uint32Array(exports.memory.buffer, context, 6);
    const [size = 0, inputAt = 0, , , outputAt = 0] = fields();
    try {
      for (let state = XZ_OK; state !== XZ_STREAM_END; ) {
        const [, , inputPosition, inputLength] = fields();
        if (inputPosition === inputLength) {
          const input = read(size);
          new Uint8Array(exports.memory.buffer, inputAt, size).set(input);
          exports.supply_input(context, input.length);
        }
        state = exports.get_next_output(context);
        if (state !== XZ_OK && state !== XZ_STREAM_END) {
          throw new Error(`xz: ${UNSUPPORTED[state] ?? 'it is damaged or cut off'}`);
        }
        const after = fields();
        const length = after[5] ?? 0;
        after[5] = 0;
        if (length > 0) yield new Uint8Array(exports.memory.buffer, outputAt, length).slice();
      }
    } finally {
      exports.destroy_context(context);
      if (idle.length < MAX_IDLE && exports.memory.buffer.byteLength <= MAX_IDLE_MEMORY) idle.push(exports);
    }
  }
}

/** One after the other, since the library leaves each new instance in the same place. */
function start(): Promise<XzExports> {
  const started = lastStart.then(async () => {
    const library = await load();
    await library._getModuleInstance();
    const instance = library._moduleInstance;
    library._moduleInstance = undefined;
    if (!instance) throw new Error('xz-decompress is not the version that this server was made for');
    return instance.exports;
  });
  lastStart = started.catch(() => undefined);
  return started;
}
