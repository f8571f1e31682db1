import type { TransferRow, TransferValue } from '../../database/queries/transfer.ts';

/**
 * A row as one line of JSON, the same whatever database it comes from: columns in the given order, bytes as
 * `{"base64": …}`.
 */
export function encodeRow(row: TransferRow, columns: readonly string[]): string {
  const encoded: Record<string, unknown> = {};
  for (const column of columns) encoded[column] = encodeValue(row[column] ?? null);
  return JSON.stringify(encoded);
}

function encodeValue(value: TransferValue): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
}

/** @throws SyntaxError for what `encodeRow` cannot have made */
export function decodeRow(line: string): TransferRow {
  const encoded = JSON.parse(line) as Record<string, TransferValue | { readonly base64: string }>;
  for (const [column, value] of Object.entries(encoded))
    if (typeof value === 'object' && value !== null && 'base64' in value)
      encoded[column] = Buffer.from(value.base64, 'base64');
  return encoded as TransferRow;
}
