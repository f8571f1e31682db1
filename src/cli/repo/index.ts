import type { RegisterCommand } from '../context.ts';
import { registerRepoCreate } from './create.ts';
import { registerRepoDelete } from './delete.ts';
import { registerRepoList } from './list.ts';
import { registerRepoShow } from './show.ts';
import { registerRepoUpdate } from './update.ts';

export const registerRepo: RegisterCommand = (program, context) => {
  const group = program.command('repo').description('create, show and change repositories');
  registerRepoCreate(group, context);
  registerRepoList(group, context);
  registerRepoShow(group, context);
  registerRepoUpdate(group, context);
  registerRepoDelete(group, context);
};
