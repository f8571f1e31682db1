import type { RegisterCommand } from './context.ts';

/** Every command and where it is: a command's code is loaded when it is called, so that `serve` starts fast. */
export const COMMANDS: Readonly<Record<string, () => Promise<RegisterCommand>>> = {
  serve: async () => (await import('./serve.ts')).registerServe,
  worker: async () => (await import('./worker.ts')).registerWorker,
  upload: async () => (await import('./upload.ts')).registerUpload,
  search: async () => (await import('./search.ts')).registerSearch,
  yank: async () => (await import('./yank.ts')).registerYank,
  unyank: async () => (await import('./unyank.ts')).registerUnyank,
  delete: async () => (await import('./delete.ts')).registerDelete,
  undelete: async () => (await import('./undelete.ts')).registerUndelete,
  retention: async () => (await import('./retention/index.ts')).registerRetention,
  copy: async () => (await import('./copy.ts')).registerCopy,
  dist: async () => (await import('./distribution/index.ts')).registerDist,
  key: async () => (await import('./key/index.ts')).registerKey,
  blob: async () => (await import('./blob/index.ts')).registerBlob,
  alias: async () => (await import('./alias/index.ts')).registerAlias,
  repo: async () => (await import('./repo/index.ts')).registerRepo,
  token: async () => (await import('./token/index.ts')).registerToken,
  gc: async () => (await import('./gc.ts')).registerGc,
  fsck: async () => (await import('./fsck.ts')).registerFsck,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  backup: async () => (await import('./backup.ts')).registerBackup,
  restore: async () => (await import('./restore.ts')).registerRestore,
  migrate: async () => (await import('./migrate.ts')).registerMigrate,
  config: async () => (await import('./config/index.ts')).registerConfig,
};
