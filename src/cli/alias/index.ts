import type { RegisterCommand } from '../context.ts';
import { registerAliasDelete } from './delete.ts';
import { registerAliasList } from './list.ts';
import { registerAliasSet } from './set.ts';

export const registerAlias: RegisterCommand = (program, context) => {
  const group = program.command('alias').description('name versions, e.g. stable');
  registerAliasSet(group, context);
  registerAliasList(group, context);
  registerAliasDelete(group, context);
};
