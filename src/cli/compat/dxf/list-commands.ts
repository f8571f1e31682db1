import { checkCount, type DxfCommand } from './dxf-command.ts';

export const LIST_COMMANDS: readonly DxfCommand[] = [
  {
    name: 'list-aliases',
    usage: '<repo>',
    summary: 'print the aliases of the repository',
    async run({ dxf, io }, args) {
      checkCount(args, 0, 0);
      for await (const name of dxf.iterateAliases()) io.data(name);
    },
  },
  {
    name: 'list-repos',
    usage: '',
    summary: 'print the repositories of the registry; not every one tells them',
    takesRepository: false,
    async run({ base, io }) {
      for await (const name of base.iterateRepos()) io.data(name);
    },
  },
];
