import type { FormatContext } from '../formats/format.ts';
import type { PublishOutcome } from '../registry/model.ts';
import type { Registry } from '../registry/registry.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ServerContext } from './context.ts';
import { identify } from './middleware/authenticate.ts';
import { openRepository } from './open-repository.ts';
import { publicUrl } from './public-url.ts';
import { receiveBody } from './receive-body.ts';
import { receiveForm } from './receive-form.ts';
import { receiveBytes, receivePart } from './receive-part.ts';
import { Redirects } from './redirects.ts';
import { sendDocument } from './send-document.ts';
import { sendFile } from './send-file.ts';
import { sendIndexDocument } from './send-index-document.ts';

/** The server's helpers, as the formats get them. */
export function createFormatContext(server: ServerContext): FormatContext {
  const { registry: uncounted, permissions, config, metrics } = server;
  const { uploadBytes, formFields } = config.limits;
  const registry: Registry = {
    ...uncounted,
    publish: async (request) => {
      const [outcome] = await countUploads(metrics, request.repository.format, async () => [
        await uncounted.publish(request),
      ]);
      if (!outcome) throw new Error('a file was published without an outcome');
      return outcome;
    },
    publishAll: (request) => countUploads(metrics, request.repository.format, () => uncounted.publishAll(request)),
  };
  const sender = { registry, redirects: new Redirects(server.store, config.redirects.networks) };
  return {
    registry,
    publicUrl: (request) => publicUrl(server, request),
    open: (ref, principal, action, options) =>
      openRepository(registry, permissions, ref, { principal, action, ...options }),
    allows: (principal, action, place) => permissions.allows(principal, action, place),
    bearerTokens: {
      issue: (principal) => server.bearerTokens.issue(principal),
      identify: (secret, address) => identify(server, () => secret, address),
    },
    sendFile: (request, repository, file, options) => sendFile(sender, request, repository, file, options),
    sendDocument,
    sendIndexDocument,
    receiveBody: (request, options) => receiveBody(registry, request, { maxSize: uploadBytes, ...options }),
    receivePart: (request, options) =>
      receivePart(registry, request, { ...options, maxSize: uploadBytes ?? Number.POSITIVE_INFINITY }),
    receiveBytes,
    receiveForm: (request, options) =>
      receiveForm(registry, request, { fields: formFields, fileBytes: uploadBytes }, options),
  };
}

/** Counts what became of files that were offered, whichever way they came. */
async function countUploads(
  metrics: Metrics,
  format: string,
  publish: () => Promise<readonly PublishOutcome[]>,
): Promise<readonly PublishOutcome[]> {
  try {
    const outcomes = await publish();
    for (const { result } of outcomes) metrics.upload(format, result);
    return outcomes;
  } catch (error) {
    metrics.upload(format, 'refused');
    throw error;
  }
}
