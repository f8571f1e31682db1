import type { JsonObject } from '../../registry/model.ts';
import type { SourceFile, SourcePackage } from './dsc.ts';
import type { BinaryPackage } from './parse.ts';

/** What is kept of a binary package. */
export interface BinaryMetadata {
  readonly kind: 'deb' | 'udeb';
  readonly component: string;
  readonly architecture: string;
  readonly section?: string;
  readonly source: { readonly name: string; readonly version: string };
  /** The control paragraph, with a newline at its end. */
  readonly control: string;
  readonly md5: string;
}

/** What is kept of a source package's description. */
export interface SourceMetadata {
  readonly kind: 'dsc';
  readonly component: string;
  readonly section?: string;
  /** The fields of the description, in order, without its lists of files. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly files: readonly SourceFile[];
  readonly md5: string;
}

/** A file that a description lists. */
export interface SourcePartMetadata {
  readonly kind: 'source-part';
  readonly component: string;
}

/** What is not in a file's bytes: one upload puts it into main, another into contrib. */
export const CHOSEN: readonly (keyof BinaryMetadata)[] = ['component'];

export type AptMetadata = BinaryMetadata | SourceMetadata | SourcePartMetadata;

export function binaryMetadata(
  found: BinaryPackage,
  rest: Pick<BinaryMetadata, 'kind' | 'component' | 'md5'>,
): BinaryMetadata {
  const { architecture, section, source, control } = found;
  return { ...rest, architecture, ...(section !== undefined && { section }), source, control };
}

export function sourceMetadata(found: SourcePackage, component: string, md5: string): SourceMetadata {
  const { section, fields, files } = found;
  return { kind: 'dsc', component, ...(section !== undefined && { section }), fields, files, md5 };
}

export function toJson(metadata: AptMetadata): JsonObject {
  return metadata as unknown as JsonObject;
}

/** Reads back what `toJson` wrote. */
export function fromJson(metadata: JsonObject): AptMetadata {
  return metadata as unknown as AptMetadata;
}
