import { fileURLToPath } from 'node:url';

/** The checkout's folder, with a slash at the end. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** A path inside the checkout. */
export function inCheckout(path: string): string {
  return `${ROOT}${path}`;
}
