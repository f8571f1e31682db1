import { notFound } from '../../model/errors.ts';
import type { OciSession } from './open-oci.ts';

/** @returns bytes @throws PackyardError `not_found` */
export async function sizeOfBlob({ repository, text }: OciSession, digest: string): Promise<number> {
  const found = await repository.statBlob(digest);
  if (found !== undefined) return found.size;
  throw notFound(`there is no blob ${digest} in ${text}, or you may not see it`, {
    hint: `packyard blob push ${text} FILE uploads one`,
  });
}
