/**
 * Aborts when the user interrupts the program, so that what was begun can be tidied up. A second interruption ends the program
 * at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
