/** Before those that count, so that what is measured is not the first time of everything. */
const WARM_UP = 20;

export function pick(below: number): number {
  return Math.floor(Math.random() * below);
}

/** Milliseconds that each of many requests took, one after another, over one connection. @param url another each time */
export async function ask(requests: number, url: () => string, headers: HeadersInit = {}): Promise<number[]> {
  const times: number[] = [];
  for (let request = -WARM_UP; request < requests; request += 1) {
    const address = url();
    const begin = performance.now();
    const response = await fetch(address, { headers });
    await response.arrayBuffer();
    const time = performance.now() - begin;
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    if (request >= 0) times.push(time);
  }
  return times;
}
