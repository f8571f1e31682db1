import type { Kysely, Migration } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

/** The longest digest, `sha512:` and 128 hexadecimal digits, in characters. */
const DIGEST = 135;

/** What container registries need: blobs that belong to a package without being files, uploads in parts, files that name others. */
export const images = (types: ColumnTypes): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const repositories = db.schema.alterTable('repositories');
    await repositories
      .addColumn('immutable_tags', types.string(1024), (column) => column.notNull().defaultTo(''))
      .execute();
    await repositories
      .addColumn('incomplete_images', types.string(16), (column) => column.notNull().defaultTo('accept'))
      .execute();

    await db.schema
      .alterTable('packages')
      .addColumn('has_blobs', types.integer, (column) => column.notNull().defaultTo(0))
      .execute();
    // Which tags a manifest has, of a package with very many.
    await db.schema.createIndex('aliases_target').on('aliases').columns(['package_id', 'target']).execute();

    await types
      .table(db, 'package_blobs')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('package_id', types.reference, (column) =>
        column.notNull().references('packages.id').onDelete('cascade'),
      )
      .addColumn('digest', types.string(DIGEST), (column) => column.notNull())
      .addColumn('blob_id', types.reference, (column) => column.notNull().references('blobs.id'))
      .addColumn('referenced', types.integer, (column) => column.notNull())
      .addColumn('condemned_at', types.bigint)
      .addColumn('added_at', types.bigint, (column) => column.notNull())
      .addColumn('added_by', types.string(255), (column) => column.notNull())
      .addUniqueConstraint('package_blobs_digest', ['package_id', 'digest'])
      .execute();
    await db.schema.createIndex('package_blobs_anywhere').on('package_blobs').column('digest').execute();
    await db.schema.createIndex('package_blobs_blob').on('package_blobs').column('blob_id').execute();

    await types
      .table(db, 'file_references')
      .addColumn('file_id', types.reference, (column) => column.notNull().references('files.id').onDelete('cascade'))
      .addColumn('kind', types.string(16), (column) => column.notNull())
      .addColumn('digest', types.string(DIGEST), (column) => column.notNull())
      .addPrimaryKeyConstraint('file_references_key', ['file_id', 'kind', 'digest'])
      .execute();
    await db.schema
      .createIndex('file_references_digest')
      .on('file_references')
      .columns(['digest', 'kind', 'file_id'])
      .execute();

    await types
      .table(db, 'upload_sessions')
      .addColumn('id', types.string(36), (column) => column.primaryKey())
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('package', types.string(255), (column) => column.notNull())
      .addColumn('algorithm', types.string(16), (column) => column.notNull())
      .addColumn('size', types.bigint, (column) => column.notNull())
      .addColumn('parts', types.integer, (column) => column.notNull())
      .addColumn('started_by', types.string(255), (column) => column.notNull())
      .addColumn('touched_at', types.bigint, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('upload_sessions_touched').on('upload_sessions').column('touched_at').execute();

    await types
      .table(db, 'upload_parts')
      .addColumn('session_id', types.string(36), (column) =>
        column.notNull().references('upload_sessions.id').onDelete('cascade'),
      )
      .addColumn('number', types.integer, (column) => column.notNull())
      .addColumn('blob_id', types.reference, (column) => column.notNull().references('blobs.id'))
      .addColumn('digest', types.string(DIGEST))
      .addPrimaryKeyConstraint('upload_parts_key', ['session_id', 'number'])
      .execute();
    await db.schema.createIndex('upload_parts_blob').on('upload_parts').column('blob_id').execute();
  },
});
