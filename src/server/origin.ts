/** What the listener knew of a request, and its later form no longer tells. */
export interface Origin {
  /** The client's address, behind trusted proxies the one that they name. */
  readonly address: string;
  /** It asks for the headers alone; routes see GET. */
  readonly isHead: boolean;
}

const origins = new WeakMap<Request, Origin>();

export function noteOrigin(request: Request, origin: Origin): Request {
  origins.set(request, origin);
  return request;
}

export function originOf(request: Request): Origin {
  return origins.get(request) ?? { address: 'unknown', isHead: request.method === 'HEAD' };
}
