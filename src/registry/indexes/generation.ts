import type { GenerationRow } from '../../database/queries/generations.ts';
import type { ByteRange, ObjectBody } from '../model.ts';
import type { ChunkedDocument } from './chunked-document.ts';
import type { DocumentPlan, NamedDigest } from './index-plan.ts';
import type { IndexState } from './index-state.ts';
import { FORMS, type Form } from './running-digests.ts';

/** One document of an index in one form. */
export interface IndexDocument extends NamedDigest {
  /** The bytes, or a part of them. */
  open(range?: ByteRange): ObjectBody | Promise<ObjectBody>;
}

/** What a generation's row keeps of it. */
export interface Root {
  /** Settings, keys and plan under which it was made; others need another generation. */
  readonly terms: string;
  readonly documents: readonly NamedDigest[];
  /** The sealed documents, by path. */
  readonly sealed: Readonly<Record<string, string>>;
  /** Seconds since 1970, another one for every generation: what clients are told that it was changed at. */
  readonly stamp: number;
  /** Until when it may be given out without being sealed again. */
  readonly sealedUntil?: number;
}

/** A state of an index that clients begin to read: sealed documents, and all that they name. */
export class Generation {
  readonly number: number;
  /** The repository's revision that it shows. */
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly root: Root;
  readonly #derived = new Map<string, Promise<string>>();

  constructor(number: number, revision: number, madeAt: number, root: Root) {
    this.number = number;
    this.revision = revision;
    this.madeAt = madeAt;
    this.root = root;
  }

  static fromRow(row: GenerationRow): Generation {
    return new Generation(row.number, row.revision, row.made_at, JSON.parse(row.root_json) as Root);
  }

  /** Something that follows from the sealed documents and is made when it is asked for first. */
  derive(path: string, make: () => Promise<string>): Promise<string> {
    let derived = this.#derived.get(path);
    if (!derived) {
      derived = make();
      this.#derived.set(path, derived);
      derived.catch(() => this.#derived.delete(path));
    }
    return derived;
  }
}

/** All documents that a state of an index has, in all forms. */
export function documentsOf(state: IndexState): IndexDocument[] {
  const made = state.layout.flatMap((plan) => {
    const document = state.documents.get(plan.path);
    return document ? FORMS.flatMap((form) => inForm(plan, document, form)) : [];
  });
  return [...made, ...Object.entries(state.fixed).map(([path, text]) => fixed(path, text))];
}

function inForm(plan: DocumentPlan, document: ChunkedDocument, form: Form): IndexDocument[] {
  const ending = plan.forms[form];
  if (ending === undefined) return [];
  const { size, sha256 } = document.digests[form];
  // All who read it at the same time share it; kept for good, one of every generation would fill the memory.
  let body: WeakRef<Blob> | undefined;
  return [
    {
      path: plan.path + ending,
      size,
      sha256,
      open: (range) => {
        const made = body?.deref() ?? new Blob([...document.bytes(form)] as Uint8Array<ArrayBuffer>[]);
        body = new WeakRef(made);
        return cut(made, range);
      },
    },
  ];
}

function fixed(path: string, text: string): IndexDocument {
  const bytes = new TextEncoder().encode(text);
  return {
    path,
    size: bytes.byteLength,
    sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex'),
    open: (range) => cut(new Blob([bytes]), range),
  };
}

/** A small document that is there as text. */
export function textDocument(path: string, text: string): IndexDocument {
  return fixed(path, text);
}

function cut(body: Blob, range: ByteRange | undefined): Blob {
  return range ? body.slice(range.start, range.end) : body;
}
