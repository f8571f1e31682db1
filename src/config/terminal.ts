import { type Environment, processEnvironment } from './environment.ts';

/** Whether the environment lets a terminal have colours and moving lines (https://no-color.org, `TERM=dumb`). */
export function terminalAllows(env: Environment = processEnvironment()): {
  readonly colour: boolean;
  readonly movement: boolean;
} {
  const movement = env.TERM !== 'dumb';
  return { colour: movement && !env.NO_COLOR, movement };
}
