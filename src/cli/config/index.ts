import type { RegisterCommand } from '../context.ts';
import { registerConfigCheck } from './check.ts';
import { registerConfigShow } from './show.ts';

export const registerConfig: RegisterCommand = (program, context) => {
  const group = program.command('config').description("check and show the server's configuration");
  registerConfigCheck(group, context);
  registerConfigShow(group, context);
};
