import { invalid } from '../../model/errors.ts';

/** Images are many blobs and manifests: they come by the registry's own protocol. */
export async function receive(): Promise<never> {
  throw invalid('an image is not uploaded as one file', {
    hint: 'push it: docker push HOST/REPOSITORY/IMAGE:TAG, skopeo copy, or for a plain file packyard blob push',
  });
}
