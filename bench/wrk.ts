import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface WrkOptions {
  readonly seconds: number;
  readonly connections: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Paths to ask for in turn, instead of the address's own; each of wrk's threads begins at the first. */
  readonly paths?: readonly string[];
}

export interface WrkResult {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Milliseconds that 99 of a hundred answers did not exceed. */
  readonly p99: number;
}

const SCRIPT = `done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("\\n@%d %d %d %d %d\\n", summary.requests, summary.bytes, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(99)))
end
`;

/** Loads an address with wrk, on two threads; any failed request makes the figure worthless and throws. */
export async function wrk(folder: string, url: string, options: WrkOptions): Promise<WrkResult> {
  const script = join(folder, 'wrk.lua');
  writeFileSync(script, SCRIPT + (options.paths ? takingTurns(options.paths) : ''));
  const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const threads = Math.min(2, options.connections);
  const load = [`-t${threads}`, `-c${options.connections}`, `-d${options.seconds}s`, '--timeout', '60s'];
  const child = Bun.spawn(['wrk', ...load, ...headers, '-s', script, url], { stdout: 'pipe', stderr: 'inherit' });
  const output = await new Response(child.stdout).text();
  const [, requests = '', bytes = '', microseconds = '', errors = '', p99 = ''] =
    /^@(\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(output) ?? [];
  if (requests === '' || Number(errors) > 0 || Number(requests) === 0)
    throw new Error(`wrk on ${url} failed:\n${output}`);
  const seconds = Number(microseconds) / 1e6;
  return {
    requestsPerSecond: Number(requests) / seconds,
    bytesPerSecond: Number(bytes) / seconds,
    p99: Number(p99) / 1000,
  };
}

/** Lua that asks for one path after another; JSON's strings of plain characters are Lua's too. */
function takingTurns(paths: readonly string[]): string {
  return `local paths = {${paths.map((path) => JSON.stringify(path)).join(',')}}
local turn = 0
request = function()
  turn = turn % #paths + 1
  return wrk.format(nil, paths[turn])
end
`;
}
