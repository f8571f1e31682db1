import { invalid, PackyardError } from '../../model/errors.ts';
import type { StoredFile } from '../../registry/model.ts';

/** What an upload asks of the file that it is to replace (RFC 9110, 13.1.1 and 13.1.2). */
export interface Preconditions {
  /** `If-None-Match: *` */
  readonly onlyIfAbsent: boolean;
  /** The ETags of `If-Match`, one of which the present file must have; `*`: it must exist. */
  readonly present: '*' | readonly string[] | undefined;
}

/** @throws PackyardError `invalid_request` for an `If-None-Match` that an upload cannot have */
export function parsePreconditions(headers: Headers): Preconditions {
  const absent = headers.get('if-none-match')?.trim();
  if (absent !== undefined && absent !== '*') {
    throw invalid('an upload can only be made conditional with If-None-Match: * or with If-Match');
  }
  const match = headers.get('if-match')?.trim();
  return {
    onlyIfAbsent: absent === '*',
    present: match === undefined || match === '*' ? match : match.split(',').map((etag) => etag.trim()),
  };
}

/** Compares strongly: a weak ETag matches nothing. @throws PackyardError `precondition_failed` */
export function requireMatch(present: '*' | readonly string[], current: StoredFile | undefined): void {
  if (!current) {
    throw new PackyardError('precondition_failed', 'there is no such file that the upload could replace', {
      hint: 'leave If-Match out to store a new file',
    });
  }
  if (present === '*' || present.includes(`"${current.sha256.hex}"`)) return;
  throw new PackyardError('precondition_failed', `${current.name} is not the file that If-Match names`, {
    hint: 'it was replaced in the meantime: get it again, and send its ETag',
    details: { current: current.sha256.toString() },
  });
}
