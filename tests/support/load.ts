import { putFile } from './api.ts';
import type { TestServer } from './start-server.ts';
import { sha256 } from './wheel.ts';

export interface LoadOptions {
  /** Uploads at the same time to each server. */
  readonly parallel?: number;
  readonly repository?: string;
  /** Bytes of the largest file. */
  readonly maxSize?: number;
}

/** Uploads without end to one or several servers, noting what was answered: `stop` ends it, `verify` compares. */
export class Load {
  readonly repository: string;
  /** Names for which a server has answered 200 or 201. */
  readonly acknowledged = new Set<string>();
  readonly sent = new Set<string>();
  /** What the servers answered, e.g. `201`, and `503 without Retry-After`. */
  readonly answers = new Map<string, number>();
  readonly #maxSize: number;
  #running = true;
  #senders: Promise<void>[] = [];

  constructor(servers: readonly TestServer[], options: LoadOptions = {}) {
    this.repository = options.repository ?? 'load';
    this.#maxSize = options.maxSize ?? 50_000;
    for (const [index, server] of servers.entries()) {
      for (let sender = 0; sender < (options.parallel ?? 4); sender += 1) {
        this.#senders.push(this.#send(server, `s${index}-${sender}`));
      }
    }
  }

  /** Waits until so many uploads more have been acknowledged. */
  async until(count: number): Promise<void> {
    const target = this.acknowledged.size + count;
    const deadline = Date.now() + 60_000;
    while (this.acknowledged.size < target) {
      if (Date.now() > deadline) throw new Error(`no progress: ${JSON.stringify([...this.answers])}`);
      await Bun.sleep(5);
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#senders);
    this.#senders = [];
  }

  /** Answers of 500 and above that are not a 503 which says when to come again. */
  get defects(): readonly string[] {
    return [...this.answers.keys()].filter((answer) => /^5/.test(answer) && answer !== '503');
  }

  /** What is wrong with what a server shows: lost, damaged or never sent files. Empty when all is well. */
  async verify(server: TestServer): Promise<readonly string[]> {
    const problems: string[] = [];
    const shown = await this.#shown(server);
    for (const name of this.acknowledged) if (!shown.has(name)) problems.push(`${name} was acknowledged and is lost`);
    for (const name of shown) {
      if (!this.sent.has(name)) problems.push(`${name} was never sent`);
      const response = await fetch(`${server.url}/repo/generic/${this.repository}/p/${name}/f.bin`);
      const digest = sha256(await response.bytes());
      if (digest !== sha256(contentOf(name, this.#maxSize))) problems.push(`${name} is damaged (${response.status})`);
    }
    return problems;
  }

  async #shown(server: TestServer): Promise<Set<string>> {
    const headers = { accept: 'application/json' };
    const response = await fetch(`${server.url}/repo/generic/${this.repository}/p/`, { headers });
    const text = await response.text();
    if (response.status === 404) return new Set();
    return new Set(text.match(/\bs\d+-\d+-\d+\b/g) ?? []);
  }

  async #send(server: TestServer, sender: string): Promise<void> {
    for (let number = 0; this.#running; number += 1) {
      const name = `${sender}-${number}`;
      this.sent.add(name);
      const answer = await this.#put(server, name);
      this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
      if (answer === '200' || answer === '201') this.acknowledged.add(name);
      else await Bun.sleep(20);
    }
  }

  async #put(server: TestServer, name: string): Promise<string> {
    try {
      const path = `${this.repository}/p/${name}/f.bin`;
      const response = await putFile(server, path, contentOf(name, this.#maxSize), { accept: 'application/json' });
      const text = await response.text();
      if (response.status < 500) return String(response.status);
      if (response.status === 503 && Number(response.headers.get('retry-after')) > 0) return '503';
      return `${response.status} ${text}`;
    } catch {
      return 'no answer';
    }
  }
}

/** Contents that can be made again from the name alone. */
export function contentOf(name: string, maxSize: number): Uint8Array<ArrayBuffer> {
  const seed = Bun.hash.crc32(name);
  const bytes = new Uint8Array(1_000 + (seed % maxSize));
  for (let index = 0, value = seed; index < bytes.length; index += 1) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = value >>> 24;
  }
  return bytes;
}
