import type { Io } from './io.ts';

/** Streams that remember what was written to them. */
export interface TestIo extends Io {
  readonly out: string[];
  readonly err: string[];
}

export function testIo(options: { readonly input?: string; readonly interactive?: boolean } = {}): TestIo {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out,
    err,
    data: (text) => void out.push(text),
    bytes: async (data) => void out.push(typeof data === 'string' ? data : new TextDecoder().decode(data)),
    note: (text) => void err.push(text),
    raw: (text) => void err.push(text),
    readInput: async () => options.input ?? '',
    input: () => new Blob([options.input ?? '']).stream(),
    inputIsTerminal: false,
    interactive: options.interactive ?? false,
    colour: false,
  };
}
