import type { Kysely, Migration } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

/** Index documents that are signed and come in generations, what they are made of, and uploads that wait for others. */
export const indexes = (types: ColumnTypes): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    // What a revision added is looked up by every index that is brought up to date.
    await db.schema.createIndex('memberships_added').on('memberships').columns(['repository_id', 'added_in']).execute();

    await types
      .table(db, 'signing_keys')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('fingerprint', types.string(64), (column) => column.notNull())
      .addColumn('public_key', types.longText, (column) => column.notNull())
      .addColumn('private_key', types.longText, (column) => column.notNull())
      .addColumn('created_at', types.bigint, (column) => column.notNull())
      .addColumn('created_by', types.string(255), (column) => column.notNull())
      .addColumn('retired_at', types.bigint)
      .addUniqueConstraint('signing_keys_fingerprint', ['repository_id', 'fingerprint'])
      .execute();

    await types
      .table(db, 'index_settings')
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('name', types.string(128), (column) => column.notNull())
      .addColumn('settings_json', types.longText, (column) => column.notNull())
      .addPrimaryKeyConstraint('index_settings_key', ['repository_id', 'name'])
      .execute();

    await types
      .table(db, 'generations')
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('name', types.string(128), (column) => column.notNull())
      .addColumn('number', types.bigint, (column) => column.notNull())
      .addColumn('revision', types.bigint, (column) => column.notNull())
      .addColumn('made_at', types.bigint, (column) => column.notNull())
      .addColumn('root_json', types.longText, (column) => column.notNull())
      .addPrimaryKeyConstraint('generations_key', ['repository_id', 'name', 'number'])
      .execute();

    await types
      .table(db, 'generation_documents')
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('name', types.string(128), (column) => column.notNull())
      .addColumn('sha256', types.string(64), (column) => column.notNull())
      .addColumn('number', types.bigint, (column) => column.notNull())
      .addPrimaryKeyConstraint('generation_documents_key', ['repository_id', 'name', 'sha256'])
      .execute();

    await types
      .table(db, 'index_objects')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('name', types.string(128), (column) => column.notNull())
      .addColumn('path', types.string(255), (column) => column.notNull())
      .addColumn('basis', types.string(64), (column) => column.notNull())
      .addColumn('sha256', types.string(64), (column) => column.notNull())
      .addColumn('size', types.bigint, (column) => column.notNull())
      .addColumn('plain_sha256', types.string(64), (column) => column.notNull())
      .addColumn('plain_size', types.bigint, (column) => column.notNull())
      .addColumn('storage_key', types.string(255), (column) => column.notNull())
      .addColumn('superseded_at', types.bigint)
      .execute();
    await db.schema
      .createIndex('index_objects_name')
      .on('index_objects')
      .columns(['repository_id', 'name', 'path'])
      .execute();
    await db.schema.createIndex('index_objects_key').on('index_objects').column('storage_key').execute();

    await types
      .table(db, 'file_listings')
      .addColumn('blob_id', types.reference, (column) => column.primaryKey().references('blobs.id').onDelete('cascade'))
      .addColumn('content', types.bytes, (column) => column.notNull())
      .execute();

    await types
      .table(db, 'pending_files')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('name', types.string(255), (column) => column.notNull())
      .addColumn('blob_id', types.reference, (column) => column.notNull().references('blobs.id'))
      .addColumn('added_at', types.bigint, (column) => column.notNull())
      .addColumn('added_by', types.string(255), (column) => column.notNull())
      .addUniqueConstraint('pending_files_name', ['repository_id', 'name', 'blob_id'])
      .execute();
    await db.schema.createIndex('pending_files_blob').on('pending_files').column('blob_id').execute();
  },
});
