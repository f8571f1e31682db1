import type { JsonObject } from '../model.ts';
import type { Signer } from '../signing/signer.ts';
import type { Form } from './running-digests.ts';

/** A file as an index sees it. */
export interface IndexFile {
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** What the format's parser found. */
  readonly metadata: JsonObject;
}

/** What a file contributes: bytes, and the group of files whose documents they belong in. */
export interface Contribution {
  readonly group: string;
  readonly bytes: Uint8Array;
}

/** A document that is made of the entries of some groups, in the order in which the files came. */
export interface DocumentPlan {
  /** Without a form's ending; unique in the index. */
  readonly path: string;
  readonly groups: readonly string[];
  /** The endings of the forms in which it is offered, e.g. `.gz`. */
  readonly forms: Partial<Readonly<Record<Form, string>>>;
}

export interface IndexLayout {
  readonly documents: readonly DocumentPlan[];
  /** Small documents that depend on nothing but the settings, by their paths. */
  readonly fixed: Readonly<Record<string, string>>;
}

/** A document with its digests, as the documents that name them need it. */
export interface NamedDigest {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** What is sealed into a generation's roots. */
export interface SealRequest {
  readonly name: string;
  readonly settings: JsonObject;
  readonly documents: readonly NamedDigest[];
  /** Milliseconds since 1970; never before that of the generation before. */
  readonly madeAt: number;
  readonly signer: Signer;
}

/** A file with what was drawn from it. */
export interface Extracted {
  readonly file: IndexFile;
  /** As `extract` made it. */
  readonly extract: Uint8Array;
}

/** Documents that need more of the files than is kept of them: made in the background, and offered when they are ready. */
export interface BackgroundPlan {
  /** Which there are; `path` is without the ending `.gz`, and `groups` as in `DocumentPlan`. */
  layout(
    groups: ReadonlySet<string>,
    settings: JsonObject,
  ): readonly { readonly path: string; readonly groups: readonly string[] }[];
  /** What is needed of a file, drawn from it once and kept with its bytes. @param path of a local file */
  extract(path: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** A document's bytes. @param folder for what does not fit into memory; it is emptied afterwards */
  build(parts: AsyncIterable<Extracted>, folder: string): AsyncIterable<Uint8Array>;
}

/**
 * How a format turns files into index documents: pure, so that every replica makes the same bytes. The engine keeps the
 * documents in chunks, gives them out in generations and has the format seal each.
 */
export interface IndexPlan {
  /** Another number for every change of how documents are written: what was made before is then made anew. */
  readonly version: number;
  /** What the paths of an index's files begin with; ends with a slash. */
  pathPrefix(name: string): string;
  /** Undefined for a file that the index does not show. */
  contribution(file: IndexFile): Contribution | undefined;
  /** Which documents there are, seen the groups that have entries. */
  layout(name: string, groups: ReadonlySet<string>, settings: JsonObject): IndexLayout;
  /** The few documents that name the digests of all others, signed; by their paths. */
  seal(request: SealRequest): Promise<Readonly<Record<string, string>>>;
  readonly background?: BackgroundPlan;
  /** When what was made must be sealed again although nothing changed; undefined: never. Milliseconds since 1970. */
  sealedUntil?(settings: JsonObject, madeAt: number): number | undefined;
}
