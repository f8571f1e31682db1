import type { UsageContext, UsageSnippet } from '../format.ts';

/** How to log in, push and pull with the usual clients. */
export function usage({ repository, server }: UsageContext): readonly UsageSnippet[] {
  const { host, protocol } = new URL(server);
  const image = `${host}/${repository.name}/app`;
  const plain = protocol === 'http:';
  return [
    {
      title: 'Docker or Podman',
      language: 'shell',
      text: `printf %s "$PACKYARD_TOKEN" | docker login --username me --password-stdin ${host}
docker push ${image}:1.0
docker pull ${image}:1.0`,
    },
    {
      title: 'Copy an image from another registry',
      language: 'shell',
      text: `skopeo copy --all${plain ? ' --dest-tls-verify=false' : ''} --dest-creds "me:$PACKYARD_TOKEN" \\
  docker://docker.io/library/alpine:3 docker://${host}/${repository.name}/alpine:3`,
    },
    {
      title: 'Any file, with oras',
      language: 'shell',
      text: `oras push${plain ? ' --plain-http' : ''} ${image}-config:1.0 settings.json`,
    },
    {
      title: 'Helm charts',
      language: 'shell',
      text: `helm push app-1.0.0.tgz oci://${host}/${repository.name}${plain ? ' --plain-http' : ''}`,
    },
  ];
}
