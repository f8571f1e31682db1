import type { JsonObject, Sidecar, StoredFile } from '../../registry/model.ts';
import type { FileType } from './file-name.ts';

/** What the parser finds in a wheel, sdist or egg. */
export interface Distribution {
  /** As the author spells it. */
  readonly name: string;
  /** PEP 440's normal form. */
  readonly version: string;
  readonly metadata: DistributionMetadata;
  /** The core metadata, byte for byte: `METADATA` of a wheel, `PKG-INFO` of the others. */
  readonly sidecar: Sidecar;
}

/**
 * What stands in every file's row. Kept small, because a project's page reads it for each of its files; the rest,
 * the description above all, is in the sidecar.
 */
export interface DistributionMetadata {
  readonly fileType: FileType;
  readonly pythonTag: string;
  readonly requiresPython?: string;
  readonly summary?: string;
  /** Sha256 of METADATA, for wheels: the ones whose metadata may be served apart from the file (PEP 658). */
  readonly coreMetadataSha256?: string;
}

export function toJson(metadata: DistributionMetadata): JsonObject {
  return { ...metadata };
}

/** Reads a row's metadata back; fields of another type, as an importer might have left them, count as absent. */
export function distributionMetadata(file: StoredFile): Partial<DistributionMetadata> {
  // Asked for once: each time parses it.
  const { metadata } = file;
  const text = (key: keyof DistributionMetadata) => {
    const value = metadata[key];
    return typeof value === 'string' ? value : undefined;
  };
  const fileType = text('fileType');
  return {
    fileType: fileType === 'bdist_wheel' || fileType === 'sdist' || fileType === 'bdist_egg' ? fileType : undefined,
    pythonTag: text('pythonTag'),
    requiresPython: text('requiresPython'),
    summary: text('summary'),
    coreMetadataSha256: text('coreMetadataSha256'),
  };
}

/** The sidecar that holds a distribution's core metadata. */
export function sidecarName(fileType: FileType | undefined): 'METADATA' | 'PKG-INFO' {
  return fileType === 'bdist_wheel' ? 'METADATA' : 'PKG-INFO';
}
