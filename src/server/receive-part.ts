import type { ReceivedPart, ReceivePartOptions } from '../formats/format.ts';
import { PackyardError } from '../model/errors.ts';
import type { ByteSource } from '../registry/model.ts';
import type { Registry } from '../registry/registry.ts';
import { fromClient } from './receive-body.ts';

/**
 * Receives the body of one request of several. When the client goes away, what had arrived is kept, so that it can go on from
 * there.
 * @throws PackyardError `too_large`, `storage_full`
 */
export async function receivePart(
  registry: Registry,
  request: Request,
  { maxSize, digests, alreadyReceived = 0 }: ReceivePartOptions & { readonly maxSize: number },
): Promise<ReceivedPart> {
  let broken: PackyardError | undefined;
  const source = async function* (): ByteSource {
    try {
      yield* fromClient(request);
    } catch (error) {
      if (!(error instanceof PackyardError) || error.code !== 'client_closed') throw error;
      broken = error;
    }
  };
  const staged = await registry.stage(source(), { maxSize: maxSize - alreadyReceived, digests, owned: true });
  return { staged, broken };
}

/** Receives a small body into memory. @throws PackyardError `too_large`, `client_closed` */
export async function receiveBytes(request: Request, maxSize: number): Promise<Uint8Array<ArrayBuffer>> {
  const refusal = (): PackyardError =>
    new PackyardError('too_large', `the request has more than ${maxSize} bytes`, { details: { limit: maxSize } });
  if (Number(request.headers.get('content-length')) > maxSize) throw refusal();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of fromClient(request)) {
    size += chunk.byteLength;
    if (size > maxSize) throw refusal();
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
