import type { RegisterCommand } from '../context.ts';
import { registerTokenCreate } from './create.ts';
import { registerTokenList } from './list.ts';
import { registerTokenRecover } from './recover.ts';
import { registerTokenRevoke } from './revoke.ts';

export const registerToken: RegisterCommand = (program, context) => {
  const group = program.command('token').description('create, list and revoke tokens');
  registerTokenCreate(group, context);
  registerTokenList(group, context);
  registerTokenRevoke(group, context);
  registerTokenRecover(group, context);
};
