import { readFileSync } from 'node:fs';
import { invalid } from '../model/errors.ts';
import { nearestName } from './nearest-name.ts';
import { isSettingKey, SETTING_KEYS, type SettingKey } from './settings.ts';

export interface FileValue {
  readonly value: unknown;
  /** Beginning with 1. */
  readonly line: number;
}

/**
 * Reads `packyard.yaml`: nested maps become dotted keys.
 * @param file its path, and its name as it is shown in messages
 * @param required false: a file that is not there is an empty one
 * @throws PackyardError `invalid_request` with the file and line, for YAML that cannot be read and keys that mean nothing
 */
export async function readConfigFile(
  file: { readonly path: string; readonly name: string },
  required: boolean,
): Promise<ReadonlyMap<SettingKey, FileValue>> {
  const source = readSource(file.path, required);
  const values = new Map<SettingKey, FileValue>();
  if (source === undefined) return values;
  // Most servers have no file, and the parser is a fifth of the time to start.
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0];
  if (problem) {
    const line = lines.linePos(problem.pos[0]).line;
    throw invalid(`${file.name}:${line}: not valid YAML: ${problem.code.toLowerCase().replaceAll('_', ' ')}`, {
      hint: 'check the indentation and quotes at that line',
      cause: problem,
    });
  }

  const visit = (node: unknown, prefix: string): void => {
    if (!isMap(node))
      throw invalid(`${file.name}: ${prefix || 'the file'}: expected keys and values, e.g. listen: 127.0.0.1:8080`);
    for (const { key: keyNode, value } of node.items) {
      const name = isScalar(keyNode) ? String(keyNode.value) : '';
      const line = isScalar(keyNode) && keyNode.range ? lines.linePos(keyNode.range[0]).line : 1;
      const key = prefix === '' ? name : `${prefix}.${name}`;
      if (isSettingKey(key)) {
        const plain: unknown = value === null ? null : document.createNode(value).toJS(document);
        if (plain !== null) values.set(key, { value: plain, line });
      } else if (SETTING_KEYS.some((known) => known.startsWith(`${key}.`))) {
        visit(value, key);
      } else {
        throw unknownKey(`${file.name}:${line}`, key);
      }
    }
  };
  if (document.contents !== null) visit(document.contents, '');
  return values;
}

function readSource(path: string, required: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (!required && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw invalid(`cannot read the configuration file ${path}`, { hint: 'check the path and its permissions', cause });
  }
}

function unknownKey(place: string, key: string): Error {
  const nearest = nearestName(key, SETTING_KEYS);
  return invalid(`${place}: unknown key ${JSON.stringify(key)}`, {
    hint: nearest ?? '`packyard config show` lists the keys',
  });
}
