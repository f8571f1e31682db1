import { invalid } from '../../model/errors.ts';
import type { ReceivedForm } from '../format.ts';
import { singleField } from './receive.ts';

/** What the upload API offered before uploads carried their metadata with them; PyPI answers 410 as well. */
const FORMER_ACTIONS = [
  'submit',
  'submit_pkg_info',
  'doc_upload',
  'list_classifiers',
  'verify',
  'user',
  'password_reset',
];

/** Whether the form asks for something that the upload API no longer does. */
export function isFormerAction(form: ReceivedForm): boolean {
  return FORMER_ACTIONS.includes(singleField(form.fields, ':action') ?? '');
}

/**
 * Checks the frame of an upload, which `receive` does not know of: action, protocol version, the file's field.
 * @throws PackyardError `invalid_request`
 */
export function readUploadForm(form: ReceivedForm): { readonly name?: string; readonly version?: string } {
  const action = singleField(form.fields, ':action');
  if (action !== 'file_upload') {
    throw invalid(action === undefined ? 'the form has no :action' : 'the form asks for an unknown :action', {
      hint: 'send :action=file_upload, as twine, uv and Poetry do',
    });
  }
  const protocol = singleField(form.fields, 'protocol_version');
  if (protocol !== undefined && protocol !== '1') throw invalid('only protocol_version 1 is known');
  if (form.fieldName !== 'content') {
    throw invalid('the file must come in the form field "content"', { hint: 'with curl: -F content=@FILE' });
  }
  return { name: singleField(form.fields, 'name'), version: singleField(form.fields, 'version') };
}
