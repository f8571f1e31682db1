import { invalid, type PackyardError } from '../../model/errors.ts';

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const END = '-----END PGP SIGNATURE-----';

/**
 * Takes the text out of a clear-signed message (RFC 9580, section 7), such as a .dsc or .changes; text that is not signed
 * comes back as it is. The signature is not verified. There is one signed text and nothing before or behind it: a reader
 * that skips what is outside and one that does not would see two packages.
 * @param source what the text is, for messages
 * @throws PackyardError `invalid_request`
 */
export function unwrapSigned(text: string, source: string): string {
  if (!text.includes('-----BEGIN PGP ')) return text;
  const lines = text.split('\n');
  if (lines[0] !== BEGIN) throw damaged(source, 'there is text before the signed text');
  let position = 1;
  while (lines[position]?.startsWith('Hash: ')) position++;
  if (lines[position] !== '') throw damaged(source, 'an empty line has to follow its head');
  position++;
  let content = '';
  for (; lines[position] !== SIGNATURE; position++) {
    const line = lines[position];
    if (line === undefined) throw damaged(source, 'its signature is missing');
    if (line.startsWith('-') && !line.startsWith('- ')) throw damaged(source, 'a line begins with an unescaped dash');
    content += `${line.startsWith('- ') ? line.slice(2) : line}\n`;
  }
  const end = lines.indexOf(END, position);
  if (end < 0) throw damaged(source, 'its signature is cut off');
  const armor = lines.slice(position + 1, end);
  if (armor.some((line) => line.startsWith('-'))) throw damaged(source, 'its signature holds something else');
  if (lines.slice(end + 1).some((line) => line !== '')) throw damaged(source, 'there is text behind its signature');
  return content;
}

function damaged(source: string, problem: string): PackyardError {
  return invalid(`${source} is not one clear-signed text: ${problem}`, {
    hint: 'sign it again, e.g. `debsign`; it must hold one signed text and nothing around it',
  });
}
