import { invalid, type PackyardError } from '../../model/errors.ts';
import { type ArMember, readArMembers } from './ar.ts';
import type { RandomAccessFile } from './random-access-file.ts';

/** The members that a Debian package must have; each name is `control.tar` or `data.tar` with a known ending. */
export interface DebMembers {
  readonly control: ArMember;
  readonly data: ArMember;
}

const CONTROL_SUFFIXES = ['', '.gz', '.xz', '.zst'];
const DATA_SUFFIXES = [...CONTROL_SUFFIXES, '.bz2', '.lzma'];

/**
 * Finds the members of a package: `debian-binary`, `control.tar` and `data.tar` in this order; between and behind them may be
 * others whose names begin with `_`, and behind data.tar any (deb(5), dpkg src/deb/extract.c). A second one of the three is
 * refused wherever it is: dpkg takes the first, apt the last (apt-pkg/contrib/arfile.cc).
 * @throws PackyardError `invalid_request`
 */
export function findDebMembers(file: RandomAccessFile): DebMembers {
  const [first, ...rest] = readArMembers(file);
  if (first?.name !== 'debian-binary') {
    throw notPackage(`its first member is ${quoted(first?.name)} instead of "debian-binary"`);
  }
  const format = new TextDecoder().decode(file.read(first.offset, Math.min(first.size, 64)));
  if (!/^2\.[0-9]+\n/.test(format)) throw notPackage(`its format version is ${quoted(format)} instead of 2.0`);
  const [control, data, ...others] = rest.filter(({ name }) => !name.startsWith('_'));
  checkMember(control, 'control.tar', CONTROL_SUFFIXES);
  checkMember(data, 'data.tar', DATA_SUFFIXES);
  const second = others.find(({ name }) => /^(?:control\.tar|data\.tar|debian-binary)/.test(name));
  if (second) throw notPackage(`it has a second ${quoted(second.name)}`);
  return { control, data };
}

function checkMember(
  member: ArMember | undefined,
  name: string,
  suffixes: readonly string[],
): asserts member is ArMember {
  if (!member?.name.startsWith(name)) throw notPackage(`it has ${quoted(member?.name)} where "${name}" belongs`);
  const suffix = member.name.slice(name.length);
  if (!suffixes.includes(suffix)) {
    throw invalid(`the package's ${name} is compressed in a way that is not known: ${quoted(member.name)}`, {
      hint: `dpkg knows ${suffixes.map((known) => name + known).join(', ')}; build it again with dpkg-deb`,
    });
  }
  if (member.size === 0) throw notPackage(`its ${member.name} is empty`);
}

function quoted(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text);
}

function notPackage(problem: string): PackyardError {
  return invalid(`not a Debian package: ${problem}`, {
    hint: 'a .deb has debian-binary, control.tar and data.tar in this order, once each; build it again with dpkg-deb',
  });
}
