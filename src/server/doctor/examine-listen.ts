import type { ListenAddress } from '../../config/config.ts';
import { findAddress } from '../listen.ts';
import { type Finding, failed } from './finding.ts';

/** Milliseconds that whoever has the address may take to answer. */
const PATIENCE = 3_000;

/** Whether the address is free for a server, or answered by one. */
export async function examineListen(address: ListenAddress): Promise<Finding> {
  const what = 'listen';
  const shown = `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
  try {
    findAddress(address);
    return { status: 'ok', what, detail: `${shown} is free: no server runs there` };
  } catch (error) {
    const checks = await askReadiness(address);
    if (checks === undefined) return failed(what, error);
    const wrong = Object.entries(checks).filter(([, result]) => result !== 'ok');
    if (wrong.length === 0) return { status: 'ok', what, detail: `a Packyard answers at ${shown} and is ready` };
    const detail = `a Packyard answers at ${shown}, but is not ready: ${wrong.map((pair) => pair.join(' ')).join(', ')}`;
    return { status: 'fail', what, detail, hint: 'its log says why; so may the lines above' };
  }
}

/** What `/readyz` says; undefined where no Packyard answers. */
async function askReadiness({ host, port }: ListenAddress): Promise<Readonly<Record<string, string>> | undefined> {
  const local = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  try {
    const response = await fetch(`http://${local}:${port}/readyz`, { signal: AbortSignal.timeout(PATIENCE) });
    const answer: unknown = await response.json();
    if (typeof answer !== 'object' || answer === null || !('ready' in answer) || !('checks' in answer))
      return undefined;
    return answer.checks as Readonly<Record<string, string>>;
  } catch {
    return undefined;
  }
}
