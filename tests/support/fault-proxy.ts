import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';

const REFUSAL = [
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
].join('');

export interface Breaks {
  /** Bytes of one request or answer, head included, before it breaks off. */
  readonly after: number;
  /** How often; always until `calm` if left out. */
  readonly times?: number;
  /** Only requests whose first line matches. */
  readonly only?: RegExp;
  /** Nothing comes any more, but the connection stays. */
  readonly hangs?: boolean;
}

const NEVER: Breaks = { after: 0, times: 0 };

/** Stands before an HTTP server and makes its network as bad as a test wants it. One weather for all connections. */
export class FaultProxy implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #refusals = 0;
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  #answerBreaks = NEVER;
  #requestBreaks = NEVER;
  #refused = 0;
  #broken = 0;
  #passedOn = 0;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    this.url = `http://127.0.0.1:${address.port}`;
    server.on('connection', (client) => this.#join(client));
  }

  /** @param target `http://host:port` */
  static async start(target: string): Promise<FaultProxy> {
    const server = createServer({ pauseOnConnect: false });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    return new FaultProxy(server, new URL(target));
  }

  /** Answers so many of the next requests with 503 SlowDown; all of them until `calm` if no number is given. */
  refuse(times = Number.POSITIVE_INFINITY): void {
    this.#refusals = times;
  }

  /** For each connection, in both directions. */
  slowDown(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  breakAnswers(breaks: Breaks): void {
    this.#answerBreaks = breaks;
  }

  breakRequests(breaks: Breaks): void {
    this.#requestBreaks = breaks;
  }

  /** Good weather again. */
  calm(): void {
    this.#refusals = 0;
    this.#bytesPerSecond = Number.POSITIVE_INFINITY;
    this.#answerBreaks = NEVER;
    this.#requestBreaks = NEVER;
  }

  /** How many requests were answered with 503. */
  get refused(): number {
    return this.#refused;
  }

  /** How many requests and answers were broken off. */
  get broken(): number {
    return this.#broken;
  }

  /** Bytes that the server's answers have brought to clients. */
  get passedOn(): number {
    return this.#passedOn;
  }

  /** Connections to the server that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    const server = openSocket(Number(this.#target.port || 80), this.#target.hostname);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    let asked = 0;
    let answered = 0;
    let line = '';
    let refusal: Refusal | undefined;
    client.on('data', (bytes: Buffer) => {
      if (answered > 0) asked = 0;
      if (asked === 0) line = bytes.toString('latin1', 0, bytes.indexOf('\r'));
      if (asked === 0 && refusal === undefined && this.#refusals > 0) {
        this.#refusals -= 1;
        this.#refused += 1;
        refusal = new Refusal();
      }
      answered = 0;
      asked += bytes.byteLength;
      if (refusal) {
        if (refusal.takes(bytes)) client.end(refusal.answer);
      } else if (isDue(this.#requestBreaks, asked, line)) {
        this.#requestBreaks = this.#count(this.#requestBreaks);
        if (this.#requestBreaks.hangs) client.pause();
        else end();
      } else this.#pass(client, server, bytes);
    });
    server.on('data', (bytes: Buffer) => {
      answered += bytes.byteLength;
      if (isDue(this.#answerBreaks, answered, line)) {
        this.#answerBreaks = this.#count(this.#answerBreaks);
        // Some of it arrives, as it would.
        client.write(bytes.subarray(0, bytes.byteLength >> 1), () => {
          if (!this.#answerBreaks.hangs) end();
        });
        if (this.#answerBreaks.hangs) server.pause();
        return;
      }
      this.#passedOn += bytes.byteLength;
      this.#pass(server, client, bytes);
    });
  }

  #count(breaks: Breaks): Breaks {
    this.#broken += 1;
    return { ...breaks, times: (breaks.times ?? Number.POSITIVE_INFINITY) - 1 };
  }

  #pass(from: Socket, to: Socket, bytes: Buffer): void {
    const isFull = !to.write(bytes);
    const delay = (bytes.byteLength / this.#bytesPerSecond) * 1000;
    if (!isFull && delay < 1) return;
    from.pause();
    const goOn = (): void => void setTimeout(() => from.resume(), delay);
    if (isFull) to.once('drain', goOn);
    else goOn();
  }
}

function isDue({ after, times = 1, only }: Breaks, bytes: number, line: string): boolean {
  return times > 0 && bytes >= after && (only?.test(line) ?? true);
}

/** Takes a whole request before it answers: who writes to a closed connection would not see the answer. */
class Refusal {
  readonly answer =
    `HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: ${REFUSAL.length}\r\nConnection: close\r\n\r\n${REFUSAL}`;
  #head = '';
  #left: number | undefined;

  /** Whether the request is complete with these bytes. */
  takes(bytes: Buffer): boolean {
    if (this.#left !== undefined) this.#left -= bytes.byteLength;
    else {
      this.#head += bytes.toString('latin1');
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0) return false;
      const length = Number(/^content-length: *([0-9]+)/im.exec(this.#head.slice(0, end))?.[1] ?? 0);
      this.#left = length - (this.#head.length - end - 4);
    }
    return this.#left <= 0;
  }
}
