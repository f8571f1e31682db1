/** `fetch` over a connection of its own: of several processes that share the address, any may answer. */
export function fetchFresh(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    ...init,
    keepalive: false,
    headers: { ...Object.fromEntries(new Headers(init.headers)), connection: 'close' },
  });
}
