import { z } from 'zod';
import { TRANSFER_TABLES, type TransferTable } from '../../database/queries/transfer-tables.ts';
import { PackyardError } from '../../model/errors.ts';

export const BACKUP_FORMAT = 'packyard-backup-1';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

const SCHEMA = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** The version of Packyard that made it. */
  packyard: z.string(),
  madeAt: z.string(),
  /** The migration up to which the database's tables had been brought. */
  level: z.string().regex(/^[a-z0-9-]+$/),
  tables: z.record(
    z.string(),
    z.object({
      columns: z.array(z.string().regex(/^[a-z0-9_]+$/)),
      rows: count,
      /** Of the file's lines: `zstdcat <table>.jsonl.zst | sha256sum`. */
      sha256,
    }),
  ),
  blobs: z.object({
    count,
    bytes: count,
    /** How many of them the instance had lost when the backup was made. */
    lost: count,
  }),
});

/** What a snapshot consists of. */
export type Manifest = Readonly<z.output<typeof SCHEMA>>;

/** @throws PackyardError `digest_mismatch` for what is no manifest; `invalid_request` for one of a later format */
export function parseManifest(text: string, path: string): Manifest {
  const json = parseJson(text);
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  if (typeof format === 'string' && format !== BACKUP_FORMAT) {
    throw new PackyardError('invalid_request', `${path} is of the format ${format}, which this version cannot read`, {
      hint: 'use the version of Packyard that made it; the manifest names it',
    });
  }
  const result = SCHEMA.safeParse(json);
  if (result.success) return result.data;
  throw new PackyardError('digest_mismatch', `${path} is damaged`, {
    hint: 'packyard backup --list shows the other snapshots',
    cause: result.error,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The snapshot's tables, in the order in which they can be filled, with the columns that they had then. */
export function tablesOf(manifest: Manifest): readonly TransferTable[] {
  return TRANSFER_TABLES.flatMap((table) => {
    const columns = Object.hasOwn(manifest.tables, table.name) ? manifest.tables[table.name]?.columns : undefined;
    return columns ? [{ ...table, columns }] : [];
  });
}
