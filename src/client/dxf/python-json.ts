/** JSON as Python's `json.dumps(value, sort_keys=True)` writes it: `, ` and `: ` between, keys in order, ASCII alone. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([left], [right]) => compareCodePoints(left, right));
    return `{${entries.map(([key, entry]) => `${text(key)}: ${pythonJson(entry)}`).join(', ')}}`;
  }
  return typeof value === 'string' ? text(value) : JSON.stringify(value);
}

function text(value: string): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Python orders texts by code points, JavaScript by UTF-16 units. */
function compareCodePoints(left: string, right: string): number {
  const [ours, theirs] = [[...left], [...right]];
  for (let index = 0; index < Math.min(ours.length, theirs.length); index += 1) {
    const difference = (ours[index]?.codePointAt(0) ?? 0) - (theirs[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return ours.length - theirs.length;
}
