/** For options that may be given more than once: keeps every value. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
