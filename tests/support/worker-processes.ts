import { readFileSync } from 'node:fs';
import type { TestServer } from './start-server.ts';

/** The process ids of a server's workers, by their numbers. */
export function workerProcesses(server: TestServer): ReadonlyMap<number, number> {
  return new Map(
    server.processIds.flatMap((pid): [number, number][] => {
      const [word, number] = argumentsOf(pid).slice(-2);
      return word === 'worker' ? [[Number(number), pid]] : [];
    }),
  );
}

/** The process that looks after the workers. */
export function parentOfWorkers(server: TestServer): number {
  const [worker] = workerProcesses(server).values();
  const stat = readFileSync(`/proc/${worker}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Which of these processes are still there. */
export function running(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => argumentsOf(pid).length > 0);
}

/** Empty for a process that has ended, also while nobody has asked for its exit code. */
function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}
