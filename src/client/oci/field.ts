/** What somebody else's JSON has under a name; undefined where it is no object, or has none. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? value[name as keyof typeof value] : undefined;
}
