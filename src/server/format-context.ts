import type { FormatContext } from '../formats/format.ts';
import type { PublishOutcome, PublishRequest } from '../registry/model.ts';
import type { Registry } from '../registry/registry.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ServerContext } from './context.ts';
import { openRepository } from './open-repository.ts';
import { publicUrl } from './public-url.ts';
import { receiveBody } from './receive-body.ts';
import { receiveForm } from './receive-form.ts';
import { Redirects } from './redirects.ts';
import { sendDocument } from './send-document.ts';
import { sendFile } from './send-file.ts';

/** The server's helpers, as the formats get them. */
export function createFormatContext(server: ServerContext): FormatContext {
  const { registry: uncounted, permissions, config, metrics } = server;
  const { uploadBytes, formFields } = config.limits;
  const registry: Registry = { ...uncounted, publish: (request) => countUpload(metrics, request, uncounted) };
  const sender = { registry, redirects: new Redirects(server.store, config.redirects.networks) };
  return {
    registry,
    publicUrl: (request) => publicUrl(server, request),
    open: (ref, principal, action) => openRepository(registry, permissions, ref, principal, action),
    sendFile: (request, repository, file, options) => sendFile(sender, request, repository, file, options),
    sendDocument,
    receiveBody: (request) => receiveBody(registry, request, uploadBytes),
    receiveForm: (request, options) =>
      receiveForm(registry, request, { fields: formFields, fileBytes: uploadBytes }, options),
  };
}

/** Counts what became of a file that was offered, whichever way it came. */
async function countUpload(metrics: Metrics, request: PublishRequest, registry: Registry): Promise<PublishOutcome> {
  const { format } = request.repository;
  try {
    const outcome = await registry.publish(request);
    metrics.upload(format, outcome.result);
    return outcome;
  } catch (error) {
    metrics.upload(format, 'refused');
    throw error;
  }
}
