import { InvalidArgumentError } from 'commander';

/** Reads a whole number above 0, as an option's value. */
export function parsePositive(text: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}

/** The same, or `none`. */
export function parsePositiveOrNone(text: string): number | 'none' {
  return text === 'none' ? text : parsePositive(text);
}
