import type { ColumnDataType, ColumnDefinitionBuilder, CreateTableBuilder, Kysely, RawBuilder } from 'kysely';

type Type = ColumnDataType | RawBuilder<unknown>;

/** How a database spells the kinds of columns that the tables are made of. Text compares and sorts by its bytes everywhere. */
export interface ColumnTypes {
  /** Begins a table. */
  table(db: Kysely<unknown>, name: string): CreateTableBuilder<string, never>;
  /** Numbers itself from 1; the type of columns that refer to it is `reference`. */
  readonly id: Type;
  numbered(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;
  readonly reference: Type;
  /** Up to `length` characters; can be indexed. */
  string(length: number): Type;
  /** Up to 64 KiB. */
  readonly text: Type;
  /** Whatever fits into memory. */
  readonly longText: Type;
  readonly bytes: Type;
  readonly integer: Type;
  /** Whole numbers up to 2⁵³−1. */
  readonly bigint: Type;
  /** Whether an index can be made of only some rows. */
  readonly partialIndexes: boolean;
  /** Makes rows findable by what a column contains anywhere, where the database has an index for that. */
  indexSubstrings(db: Kysely<unknown>, table: string, column: string): Promise<void>;
}
