/** Only what a row names is opened: that it is not there is the storage's fault, and nobody's request. */
export function lostObject(store: string, key: string): Error {
  return new Error(`${store} has lost ${key}: restore it from a backup`);
}
