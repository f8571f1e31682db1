import { invalid } from '../../model/errors.ts';
import { canonicalVersion, isProjectName } from './version.ts';

/** The largest METADATA or PKG-INFO that is read: descriptions of a megabyte exist, of four do not. */
export const MAX_METADATA_SIZE = 4 * 1024 * 1024;
/** Fields that decide how a distribution is resolved: given twice, two readers could see two packages. */
const SINGLE_FIELDS = ['metadata-version', 'name', 'version', 'requires-python'];

/** A distribution's own description of itself (the core metadata specification). */
export interface CoreMetadata {
  /** As the author spells it. */
  readonly name: string;
  /** PEP 440's normal form. */
  readonly version: string;
  /** Every field but the description, by lower-case name, in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly description: string;
}

/**
 * Reads METADATA or PKG-INFO the way Python's `email.parser` does, so that the server sees what installers see.
 * Any `Metadata-Version` is welcome: newer ones only add fields.
 * @param source what the bytes are, for messages
 * @throws PackyardError `invalid_request` when name or version are missing, doubled or not valid
 */
export function parseCoreMetadata(bytes: Uint8Array, source: string): CoreMetadata {
  const { fields, body } = parseHeaders(new TextDecoder().decode(bytes));
  for (const field of SINGLE_FIELDS) {
    if ((fields.get(field)?.length ?? 0) > 1) throw invalid(`${source} gives ${JSON.stringify(field)} more than once`);
  }
  const name = fields.get('name')?.[0] ?? '';
  if (!isProjectName(name)) {
    throw invalid(`${source} has no valid name: ${quoted(name)}`, {
      hint: 'a name has letters, digits, ".", "_" and "-", and begins and ends with a letter or digit',
    });
  }
  const versionText = fields.get('version')?.[0] ?? '';
  const version = canonicalVersion(versionText);
  if (version === undefined) {
    throw invalid(`${source} has no valid version: ${quoted(versionText)}`, {
      hint: 'versions follow PEP 440, e.g. 1.0, 2.1rc1, 2026.11.21.post1',
    });
  }
  const header = fields.get('description')?.[0];
  fields.delete('description');
  return { name, version, fields, description: header === undefined ? body : unfoldDescription(header) };
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/** RFC 822 headers, then an empty line or anything that is no header, then the body. */
function parseHeaders(text: string): { fields: Map<string, string[]>; body: string } {
  const fields = new Map<string, string[]>();
  let last: string[] | undefined;
  let position = 0;
  while (position < text.length) {
    const { line, next } = lineAt(text, position);
    const header = /^([!-9;-~]+):[ \t]*(.*)$/s.exec(line);
    if (line !== '' && /^[ \t]/.test(line) && last) {
      last.push(`${last.pop() ?? ''}\n${line}`);
    } else if (header) {
      const name = (header[1] ?? '').toLowerCase();
      last = fields.get(name) ?? [];
      fields.set(name, last);
      last.push(header[2] ?? '');
    } else {
      if (line === '') position = next;
      break;
    }
    position = next;
  }
  for (const values of fields.values()) {
    for (const [index, value] of values.entries()) values[index] = value.trimEnd();
  }
  return { fields, body: text.slice(position).replaceAll('\r\n', '\n') };
}

/** Lines end as for Python's parser: line feed, carriage return, or both. */
function lineAt(text: string, start: number): { line: string; next: number } {
  let end = start;
  while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end++;
  const next = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
  return { line: text.slice(start, end), next };
}

/** Metadata 1.x folds the description with eight spaces, or seven and a bar. */
function unfoldDescription(value: string): string {
  return value.replace(/\n(?: {7}\||[ ]{8})/g, '\n');
}
