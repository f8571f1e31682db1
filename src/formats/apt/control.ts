import { invalid, type PackyardError } from '../../model/errors.ts';

/** One field of a paragraph. */
export interface Field {
  /** As the file spells it; names are compared without regard to case. */
  readonly name: string;
  /** Without blanks around it. Further lines follow `\n`, each with the blank or tab that it begins with. */
  readonly value: string;
}

/** One paragraph ("stanza") of a control file, its fields in the file's order. */
export class Paragraph {
  readonly fields: readonly Field[];
  readonly #byName: ReadonlyMap<string, string>;

  constructor(fields: readonly Field[]) {
    this.fields = fields;
    this.#byName = new Map(fields.map((field) => [field.name.toLowerCase(), field.value]));
  }

  /** The value of a field in any spelling of its name; undefined where the field is missing. */
  get(name: string): string | undefined {
    return this.#byName.get(name.toLowerCase());
  }
}

export interface ParagraphLimits {
  /** How many paragraphs there may be. */
  readonly maxParagraphs?: number;
  /** How many fields one of them may have; packages have fewer than fifty. */
  readonly maxFields?: number;
  /** What is read, for messages, such as `control`. */
  readonly source?: string;
}

/** ASCII without control characters, blank and colon, and neither `#` nor `-` in front (Debian Policy 5.1). */
const FIELD_NAME = /^[!"$-,.-9;-~][!-9;-~]*$/;
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the paragraphs of a control file (Debian Policy 5.1, deb822(5)), and refuses what dpkg, apt and dpkg-dev read
 * differently: comments, which only a source package's debian/control may have; lines of nothing but blanks, which end a
 * paragraph for one and belong to a value for another; carriage returns, which apt carries over into its indices; a field
 * twice, where dpkg gives up and apt takes the last.
 * @param content bytes in UTF-8, or the text
 * @throws PackyardError `invalid_request` with the line's number
 */
export function parseParagraphs(content: Uint8Array | string, limits: ParagraphLimits = {}): readonly Paragraph[] {
  const { maxParagraphs = 1, maxFields = 200, source = 'the control file' } = limits;
  const text = typeof content === 'string' ? content : decodeText(content, source);
  checkCharacters(text, source);
  const paragraphs: Paragraph[] = [];
  let fields: { name: string; value: string }[] = [];
  let names = new Set<string>();
  const finish = (): void => {
    if (fields.length === 0) return;
    if (paragraphs.length === maxParagraphs)
      throw tooMany(source, maxParagraphs === 1 ? 'one paragraph' : `${maxParagraphs} paragraphs`);
    paragraphs.push(new Paragraph(fields.map(trimmed)));
    fields = [];
    names = new Set();
  };
  let number = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    if (newline < 0) throw cutOff(source);
    const line = text.slice(start, newline);
    start = newline + 1;
    number++;
    if (line === '') {
      finish();
    } else if (line.startsWith(' ') || line.startsWith('\t')) {
      const field = fields.at(-1);
      if (!field) throw atLine(source, number, 'continues a field, but no field is before it');
      if (/^[ \t]+$/.test(line)) throw blankLine(source, number);
      field.value += `\n${line}`;
    } else {
      const field = parseField(line, source, number);
      const key = field.name.toLowerCase();
      if (names.has(key)) throw atLine(source, number, `gives the field ${JSON.stringify(field.name)} a second time`);
      if (fields.length === maxFields) throw tooMany(source, `${maxFields} fields`);
      names.add(key);
      fields.push(field);
    }
  }
  finish();
  return paragraphs;
}

/**
 * Writes a paragraph, each line with a newline at its end and without the empty line behind it: what `parseParagraphs` read
 * comes out as apt's own writer gives it (`pkgTagSection::Write`), an empty field as `Name:`.
 */
export function formatParagraph(fields: readonly Field[]): string {
  let text = '';
  for (const { name, value } of fields) {
    text += value === '' || value.startsWith('\n') ? `${name}:${value}\n` : `${name}: ${value}\n`;
  }
  return text;
}

/**
 * Decodes what has to be UTF-8 (Debian Policy 5.1).
 * @param source what the bytes are, for messages
 * @throws PackyardError `invalid_request`
 */
export function decodeText(bytes: Uint8Array, source: string): string {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    throw invalid(`${source} is not UTF-8`, {
      hint: 'convert it, e.g. `iconv -f latin1 -t utf-8`, and build the package again',
      cause: error,
    });
  }
}

function checkCharacters(text: string, source: string): void {
  const found = CONTROL_CHARACTER.exec(text);
  if (!found) return;
  if (found[0] === '\r') {
    throw invalid(`${source} has carriage returns`, {
      hint: 'its lines must end as on Unix; run `dos2unix` on it and build the package again',
    });
  }
  const code = found[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
  const line = text.slice(0, found.index).split('\n').length;
  throw atLine(source, line, `has a control character (U+${code})`);
}

function parseField(line: string, source: string, number: number): { name: string; value: string } {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon);
  if (colon < 0) throw atLine(source, number, 'is neither a field nor the continuation of one');
  if (!FIELD_NAME.test(name)) {
    throw atLine(source, number, `has no valid field name: ${JSON.stringify(name.slice(0, 100))}`);
  }
  return { name, value: line.slice(colon + 1) };
}

function trimmed({ name, value }: Field): Field {
  let start = 0;
  let end = value.length;
  while (isBlank(value, start)) start++;
  while (end > start && isBlank(value, end - 1)) end--;
  return { name, value: value.slice(start, end) };
}

/** A loop and not a regular expression, which would take forever over a megabyte of blanks. */
function isBlank(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === 0x20 || code === 0x09;
}

function tooMany(source: string, what: string): PackyardError {
  return invalid(`${source} has more than ${what}`, {
    hint: 'an empty line begins another paragraph; a package has one, with some twenty fields. Build it again',
  });
}

function blankLine(source: string, number: number): PackyardError {
  return atLine(source, number, 'has nothing but blanks', 'write an empty line of a description as " ."');
}

function cutOff(source: string): PackyardError {
  return invalid(`${source} does not end with a newline`, {
    hint: 'it may be cut off; dpkg refuses such a file. End its last line and build the package again',
  });
}

function atLine(source: string, line: number, problem: string, hint?: string): PackyardError {
  return invalid(`line ${line} of ${source} ${problem}`, {
    hint:
      hint ??
      'a field is "Name: value"; further lines of it begin with a blank (Debian Policy 5.1); comments have no place here',
  });
}
