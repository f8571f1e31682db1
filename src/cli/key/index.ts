import type { RegisterCommand } from '../context.ts';
import { registerKeyExport } from './export.ts';
import { registerKeyImport } from './import.ts';
import { registerKeyRetire } from './retire.ts';
import { registerKeyRotate } from './rotate.ts';
import { registerKeyShow } from './show.ts';

export const registerKey: RegisterCommand = (program, context) => {
  const group = program.command('key').description('the keys that sign the indices of a repository');
  registerKeyShow(group, context);
  registerKeyRotate(group, context);
  registerKeyImport(group, context);
  registerKeyExport(group, context);
  registerKeyRetire(group, context);
};
