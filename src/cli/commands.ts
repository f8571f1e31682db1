import type { RegisterCommand } from './context.ts';

/** Every command and where it is: a command's code is loaded when it is called, so that `serve` starts fast. */
export const COMMANDS: Readonly<Record<string, () => Promise<RegisterCommand>>> = {
  serve: async () => (await import('./serve.ts')).registerServe,
  upload: async () => (await import('./upload.ts')).registerUpload,
  yank: async () => (await import('./yank.ts')).registerYank,
  unyank: async () => (await import('./unyank.ts')).registerUnyank,
  delete: async () => (await import('./delete.ts')).registerDelete,
  alias: async () => (await import('./alias/index.ts')).registerAlias,
  repo: async () => (await import('./repo/index.ts')).registerRepo,
  token: async () => (await import('./token/index.ts')).registerToken,
  config: async () => (await import('./config/index.ts')).registerConfig,
};
