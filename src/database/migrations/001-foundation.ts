import type { Kysely, Migration } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

/** Repositories and everything in them, with their history; users, tokens and the audit log. */
export const foundation = (types: ColumnTypes): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await types
      .table(db, 'instance')
      .addColumn('name', types.string(64), (column) => column.primaryKey())
      .addColumn('value', types.text, (column) => column.notNull())
      .execute();

    await types
      .table(db, 'repositories')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('format', types.string(32), (column) => column.notNull())
      .addColumn('name', types.string(128), (column) => column.notNull())
      .addColumn('visibility', types.string(16), (column) => column.notNull())
      .addColumn('write_policy', types.string(16), (column) => column.notNull())
      .addColumn('revision', types.bigint, (column) => column.notNull())
      .addColumn('created_at', types.bigint, (column) => column.notNull())
      .addUniqueConstraint('repositories_ref', ['format', 'name'])
      .execute();

    await types
      .table(db, 'packages')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('name', types.string(255), (column) => column.notNull())
      .addColumn('display_name', types.string(255), (column) => column.notNull())
      .addColumn('status', types.string(16), (column) => column.notNull())
      .addColumn('status_reason', types.text, (column) => column.notNull())
      .addColumn('revision', types.bigint, (column) => column.notNull())
      .addColumn('file_count', types.integer, (column) => column.notNull())
      .addUniqueConstraint('packages_name', ['repository_id', 'name'])
      .execute();

    await types
      .table(db, 'versions')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('package_id', types.reference, (column) =>
        column.notNull().references('packages.id').onDelete('cascade'),
      )
      .addColumn('version', types.string(255), (column) => column.notNull())
      .addUniqueConstraint('versions_version', ['package_id', 'version'])
      .execute();

    await types
      .table(db, 'blobs')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('sha256', types.string(64), (column) => column.notNull().unique())
      .addColumn('size', types.bigint, (column) => column.notNull())
      .addColumn('storage_key', types.string(255), (column) => column.notNull())
      .addColumn('created_at', types.bigint, (column) => column.notNull())
      .execute();

    await types
      .table(db, 'files')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('blob_id', types.reference, (column) => column.notNull().references('blobs.id'))
      .addColumn('name', types.string(255), (column) => column.notNull())
      .addColumn('metadata_json', types.longText, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('files_blob').on('files').column('blob_id').execute();

    await types
      .table(db, 'sidecars')
      .addColumn('file_id', types.reference, (column) => column.notNull().references('files.id').onDelete('cascade'))
      .addColumn('name', types.string(64), (column) => column.notNull())
      .addColumn('content', types.bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('sidecars_key', ['file_id', 'name'])
      .execute();

    await types
      .table(db, 'memberships')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('package_id', types.reference, (column) =>
        column.notNull().references('packages.id').onDelete('cascade'),
      )
      .addColumn('version_id', types.reference, (column) =>
        column.notNull().references('versions.id').onDelete('cascade'),
      )
      .addColumn('file_id', types.reference, (column) => column.notNull().references('files.id'))
      .addColumn('path', types.string(760), (column) => column.notNull())
      .addColumn('added_in', types.bigint, (column) => column.notNull())
      .addColumn('removed_in', types.bigint, (column) => column.notNull())
      .addColumn('added_at', types.bigint, (column) => column.notNull())
      .addColumn('added_by', types.string(255), (column) => column.notNull())
      .addColumn('yanked', types.text)
      .addUniqueConstraint('memberships_path', ['repository_id', 'path', 'removed_in'])
      .execute();
    await db.schema
      .createIndex('memberships_package')
      .on('memberships')
      .columns(['package_id', 'removed_in'])
      .execute();
    await db.schema
      .createIndex('memberships_version')
      .on('memberships')
      .columns(['version_id', 'removed_in'])
      .execute();
    await db.schema.createIndex('memberships_file').on('memberships').column('file_id').execute();

    await types
      .table(db, 'aliases')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('package_id', types.reference, (column) =>
        column.notNull().references('packages.id').onDelete('cascade'),
      )
      .addColumn('name', types.string(255), (column) => column.notNull())
      .addColumn('target', types.string(255), (column) => column.notNull())
      .addColumn('added_in', types.bigint, (column) => column.notNull())
      .addColumn('removed_in', types.bigint, (column) => column.notNull())
      .addUniqueConstraint('aliases_name', ['package_id', 'name', 'removed_in'])
      .execute();

    await types
      .table(db, 'revisions')
      .addColumn('repository_id', types.reference, (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('number', types.bigint, (column) => column.notNull())
      .addColumn('actor', types.string(255), (column) => column.notNull())
      .addColumn('reason', types.text, (column) => column.notNull())
      .addColumn('at', types.bigint, (column) => column.notNull())
      .addPrimaryKeyConstraint('revisions_key', ['repository_id', 'number'])
      .execute();

    await types
      .table(db, 'users')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('name', types.string(128), (column) => column.notNull().unique())
      .addColumn('created_at', types.bigint, (column) => column.notNull())
      .execute();

    await types
      .table(db, 'tokens')
      .addColumn('id', types.string(32), (column) => column.primaryKey())
      .addColumn('user_id', types.reference, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('name', types.string(128), (column) => column.notNull())
      .addColumn('secret_sha256', types.string(64), (column) => column.notNull().unique())
      .addColumn('hint', types.string(16), (column) => column.notNull())
      .addColumn('scopes_json', types.longText, (column) => column.notNull())
      .addColumn('created_at', types.bigint, (column) => column.notNull())
      .addColumn('created_by', types.string(255), (column) => column.notNull())
      .addColumn('expires_at', types.bigint)
      .addColumn('revoked_at', types.bigint)
      .addColumn('last_used_at', types.bigint)
      .execute();

    await types
      .table(db, 'events')
      .addColumn('id', types.id, (column) => types.numbered(column).primaryKey())
      .addColumn('at', types.bigint, (column) => column.notNull())
      .addColumn('actor', types.string(255), (column) => column.notNull())
      .addColumn('action', types.string(64), (column) => column.notNull())
      .addColumn('repository', types.string(255))
      .addColumn('subject', types.text)
      .addColumn('detail_json', types.longText, (column) => column.notNull())
      .addColumn('request_id', types.string(64))
      .addColumn('address', types.string(64))
      .execute();
  },
});
