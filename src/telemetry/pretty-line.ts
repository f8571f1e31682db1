import { prettyFactory } from 'pino-pretty';

const pretty = prettyFactory({
  colorize: process.stderr.isTTY === true,
  translateTime: 'SYS:HH:MM:ss.l',
  singleLine: true,
});

/**
 * One JSON log line as a person reads it. Fields can contain what a client sent, so control characters are shown, not
 * obeyed: they are escaped once more in the JSON before it is taken apart.
 */
export function prettyLine(line: string): string {
  return pretty(line.replace(CONTROL, (match) => (match === ESCAPED_BACKSLASH ? match : shown(match))));
}

const ESCAPED_BACKSLASH = '\\\\';

/** An escaped backslash (to step over it), an escaped control character, or DEL and C1, which JSON leaves as they are. */
const CONTROL = /\\\\|\\u00[01][0-9a-f]|[\u007f-\u009f]/gi;

function shown(match: string): string {
  return match.length > 1 ? `\\${match}` : `\\\\u${match.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
