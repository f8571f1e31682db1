import { formatMoment } from './format-moment.ts';
import { printableLine } from './printable.ts';
import { shellWord } from './shell-word.ts';

/** Tells how to take a deletion back, and for how long that is possible. @param words of the command */
export function undoNote(until: string, ...words: readonly string[]): string {
  return `undo it until ${formatMoment(until)}: ${printableLine(['packyard', 'undelete', ...words].map(shellWord).join(' '))}`;
}
