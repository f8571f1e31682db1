import type { DxfCommand } from './dxf-command.ts';

export const LOGIN_COMMANDS: readonly DxfCommand[] = [
  {
    name: 'auth',
    usage: '<repo> <action>...',
    summary: 'log in and print the token; actions are pull, push and *',
    async run({ config, withoutToken, io }, actions) {
      const { username, password, authorization } = config;
      const token = await withoutToken.authenticate(username, password, { actions, authorization });
      if (token !== undefined) io.data(token);
    },
  },
];
