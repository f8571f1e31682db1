import { invalid } from './errors.ts';

/** The longest name that every common file system and database column takes, in bytes of UTF-8. */
const MAX_BYTES = 255;
/** What nearly every name is made of, decided in one look. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9._+~-]{0,199}$/;

/**
 * Checks one path segment that comes from outside (a package, a version, a file name): not empty, not `.` or `..`,
 * no slash or backslash, no control character, at most 255 bytes.
 * @throws PackyardError `invalid_request` naming the segment's role
 */
export function parseSegment(text: string, role: string): string {
  const problem = PLAIN.test(text) ? undefined : segmentProblem(text);
  if (problem) throw invalid(`not a valid ${role}: ${problem}`);
  return text;
}

function segmentProblem(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text === '.' || text === '..') return 'it is a relative path';
  if (/[/\\]/.test(text)) return 'it contains a slash';
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)) return 'it contains a control character';
  if (text.trim() !== text) return 'it begins or ends with white space';
  if (!text.isWellFormed()) return 'it is not well-formed Unicode';
  if (Buffer.byteLength(text) > MAX_BYTES) return `it is longer than ${MAX_BYTES} bytes`;
  return undefined;
}
