import type { RegisterCommand } from '../context.ts';
import { registerDistForget } from './forget.ts';
import { registerDistList } from './list.ts';
import { registerDistSet } from './set.ts';
import { registerDistShow } from './show.ts';

export const registerDist: RegisterCommand = (program, context) => {
  const group = program.command('dist').description('the distributions of an apt repository and their settings');
  registerDistList(group, context);
  registerDistShow(group, context);
  registerDistSet(group, context);
  registerDistForget(group, context);
};
