import type { UsageContext, UsageSnippet } from '../format.ts';

/** How a machine is set up, and how packages get in. `bookworm` stands for the distribution. */
export function usage({ repository, url, server }: UsageContext): readonly UsageSnippet[] {
  const { name } = repository;
  const { protocol, host, pathname } = new URL(`${url}/`);
  const scheme = protocol === 'http:' ? 'http://' : '';
  return [
    {
      title: 'Set up a machine',
      language: 'shell',
      text: `wget -qO- ${url}/dists/bookworm/install | sudo sh\nsudo apt-get install PACKAGE`,
    },
    {
      title: 'Set up by hand (apt 2.4 or newer: the key is in the file)',
      language: 'shell',
      text: `sudo wget -qO /etc/apt/sources.list.d/${name}.sources ${url}/bookworm.sources\nsudo apt-get update`,
    },
    {
      title: 'Private repository: /etc/apt/auth.conf.d/packyard.conf',
      language: 'text',
      text: `machine ${scheme}${host}${pathname} login token password TOKEN`,
    },
    {
      title: 'Publish',
      language: 'shell',
      text: `packyard upload apt/${name} ./tool_1.0_amd64.deb --dist bookworm`,
    },
    {
      title: 'Publish with curl',
      language: 'shell',
      text: `curl --user "me:$PACKYARD_TOKEN" -F f=@tool_1.0_amd64.deb \\\n  '${server}/addpkg?provider=apt&reponame=${name}&dist=bookworm'`,
    },
    {
      title: 'Publish a source package, or what a build made',
      language: 'shell',
      text: `packyard upload apt/${name} ./tool_1.0.dsc --dist bookworm\npackyard upload apt/${name} ./tool_1.0_amd64.changes`,
    },
  ];
}
