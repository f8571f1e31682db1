import { distance } from 'fastest-levenshtein';

/** The known name that is most like a mistyped one, or undefined when nothing is near enough to be meant. */
export function nearestName(text: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(text.length / 3)) + 1;
  for (const name of known) {
    const current = distance(text.toLowerCase(), name.toLowerCase());
    if (current < bestDistance) {
      best = name;
      bestDistance = current;
    }
  }
  return best;
}
