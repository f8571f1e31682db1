import type { Kysely, Migration } from 'kysely';

/** Repositories and everything in them, with their history; users, tokens and the audit log. */
export const foundation: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('instance')
      .addColumn('name', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();

    await db.schema
      .createTable('repositories')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('format', 'varchar(32)', (column) => column.notNull())
      .addColumn('name', 'varchar(128)', (column) => column.notNull())
      .addColumn('visibility', 'varchar(16)', (column) => column.notNull())
      .addColumn('write_policy', 'varchar(16)', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('repositories_ref', ['format', 'name'])
      .execute();

    await db.schema
      .createTable('packages')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('repository_id', 'integer', (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('name', 'varchar(255)', (column) => column.notNull())
      .addColumn('display_name', 'varchar(255)', (column) => column.notNull())
      .addColumn('status', 'varchar(16)', (column) => column.notNull())
      .addColumn('status_reason', 'text', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('file_count', 'integer', (column) => column.notNull())
      .addUniqueConstraint('packages_name', ['repository_id', 'name'])
      .execute();

    await db.schema
      .createTable('versions')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('package_id', 'integer', (column) => column.notNull().references('packages.id').onDelete('cascade'))
      .addColumn('version', 'varchar(255)', (column) => column.notNull())
      .addUniqueConstraint('versions_version', ['package_id', 'version'])
      .execute();

    await db.schema
      .createTable('blobs')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('sha256', 'char(64)', (column) => column.notNull().unique())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('storage_key', 'varchar(255)', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();

    await db.schema
      .createTable('files')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('blob_id', 'integer', (column) => column.notNull().references('blobs.id'))
      .addColumn('name', 'varchar(255)', (column) => column.notNull())
      .addColumn('metadata_json', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('files_blob').on('files').column('blob_id').execute();

    await db.schema
      .createTable('sidecars')
      .addColumn('file_id', 'integer', (column) => column.notNull().references('files.id').onDelete('cascade'))
      .addColumn('name', 'varchar(64)', (column) => column.notNull())
      .addColumn('content', 'blob', (column) => column.notNull())
      .addPrimaryKeyConstraint('sidecars_key', ['file_id', 'name'])
      .execute();

    await db.schema
      .createTable('memberships')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('repository_id', 'integer', (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('package_id', 'integer', (column) => column.notNull().references('packages.id').onDelete('cascade'))
      .addColumn('version_id', 'integer', (column) => column.notNull().references('versions.id').onDelete('cascade'))
      .addColumn('file_id', 'integer', (column) => column.notNull().references('files.id'))
      .addColumn('path', 'varchar(800)', (column) => column.notNull())
      .addColumn('added_in', 'bigint', (column) => column.notNull())
      .addColumn('removed_in', 'bigint', (column) => column.notNull())
      .addColumn('added_at', 'bigint', (column) => column.notNull())
      .addColumn('added_by', 'varchar(255)', (column) => column.notNull())
      .addColumn('yanked', 'text')
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

    await db.schema
      .createTable('aliases')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('repository_id', 'integer', (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('package_id', 'integer', (column) => column.notNull().references('packages.id').onDelete('cascade'))
      .addColumn('name', 'varchar(255)', (column) => column.notNull())
      .addColumn('target', 'varchar(255)', (column) => column.notNull())
      .addColumn('added_in', 'bigint', (column) => column.notNull())
      .addColumn('removed_in', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('aliases_name', ['package_id', 'name', 'removed_in'])
      .execute();

    await db.schema
      .createTable('revisions')
      .addColumn('repository_id', 'integer', (column) =>
        column.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('number', 'bigint', (column) => column.notNull())
      .addColumn('actor', 'varchar(255)', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('revisions_key', ['repository_id', 'number'])
      .execute();

    await db.schema
      .createTable('users')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('name', 'varchar(128)', (column) => column.notNull().unique())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();

    await db.schema
      .createTable('tokens')
      .addColumn('id', 'varchar(32)', (column) => column.primaryKey())
      .addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('name', 'varchar(128)', (column) => column.notNull())
      .addColumn('secret_sha256', 'char(64)', (column) => column.notNull().unique())
      .addColumn('hint', 'varchar(16)', (column) => column.notNull())
      .addColumn('scopes_json', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'varchar(255)', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .execute();

    await db.schema
      .createTable('events')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('actor', 'varchar(255)', (column) => column.notNull())
      .addColumn('action', 'varchar(64)', (column) => column.notNull())
      .addColumn('repository', 'varchar(255)')
      .addColumn('subject', 'text')
      .addColumn('detail_json', 'text', (column) => column.notNull())
      .addColumn('request_id', 'varchar(64)')
      .addColumn('address', 'varchar(64)')
      .execute();
  },
};
