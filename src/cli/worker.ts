import { invalid } from '../model/errors.ts';
import { runWorker } from '../server/workers/run-worker.ts';
import type { RegisterCommand } from './context.ts';

/** What `packyard serve --workers` starts; nobody calls it by hand. */
export const registerWorker: RegisterCommand = (program) => {
  program
    .command('worker', { hidden: true })
    .description('one of the processes of a server; started by `packyard serve --workers`')
    .argument('<number>', 'which one', (text) => {
      const number = Number(text);
      if (!Number.isInteger(number) || number < 1) throw invalid('the number of a worker is 1 or more');
      return number;
    })
    .action((number: number) => runWorker(number));
};
