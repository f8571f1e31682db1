import type { FormatContext } from '../formats/format.ts';
import type { ServerContext } from './context.ts';
import { openRepository } from './open-repository.ts';
import { receiveBody } from './receive-body.ts';
import { receiveForm } from './receive-form.ts';
import { sendDocument } from './send-document.ts';
import { sendFile } from './send-file.ts';

/** The server's helpers, as the formats get them. */
export function createFormatContext({ registry, permissions, config }: ServerContext): FormatContext {
  const { uploadBytes, formFields } = config.limits;
  return {
    registry,
    open: (ref, principal, action) => openRepository(registry, permissions, ref, principal, action),
    sendFile: (request, file, options) => sendFile(registry, request, file, options),
    sendDocument,
    receiveBody: (request) => receiveBody(registry, request, uploadBytes),
    receiveForm: (request, options) =>
      receiveForm(registry, request, { fields: formFields, fileBytes: uploadBytes }, options),
  };
}
