import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks in a second, as `/proc/PID/stat` counts them: `getconf CLK_TCK` is 100 on every Linux that Node runs on. */
const TICKS = 100;

/** User and system time of a process with all its threads so far, in seconds. proc(5). */
export function cpuSeconds(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Memory that a process has in RAM now, in MiB. */
export function residentMegabytes(pid: number): number {
  return statusMegabytes(pid, 'VmRSS');
}

/** The most that it had since `resetPeak`, in MiB. */
export function peakMegabytes(pid: number): number {
  return statusMegabytes(pid, 'VmHWM');
}

export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The process itself and everything that it started. */
export function processTree(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map<number, number>();
  for (const name of all) {
    try {
      parents.set(Number(name), Number(statFields(Number(name))[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const tree = [pid];
  for (const current of tree) for (const [child, parent] of parents) if (parent === current) tree.push(child);
  return tree;
}

export function executableName(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

/** Asks until the address answers 200; returns the milliseconds that it took. */
export async function waitForAnswer(url: string, child: Bun.Subprocess, within = 60_000): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const response = await fetch(url, { headers: { connection: 'close' } }).catch(() => undefined);
    await response?.arrayBuffer();
    const elapsed = performance.now() - begin;
    if (response?.ok) return elapsed;
    if (child.exitCode !== null) throw new Error(`the server for ${url} ended with ${child.exitCode}`);
    if (elapsed > within) throw new Error(`no answer from ${url}: ${response?.status ?? 'nothing listens'}`);
    await Bun.sleep(1);
  }
}

/** Ends it politely, then waits. */
export async function stop(child: Bun.Subprocess): Promise<void> {
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await child.exited;
  clearTimeout(patience);
}

function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function statusMegabytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
}
