export * from './api-types.ts';
export type { UploadFile } from './multipart.ts';
export { PackyardClient, type PackyardClientOptions, type UploadOptions } from './packyard-client.ts';
export { PackyardClientError } from './packyard-client-error.ts';
