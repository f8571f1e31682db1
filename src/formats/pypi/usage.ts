import type { UsageContext, UsageSnippet } from '../format.ts';

/** Set-up for the usual clients. One index address each: a second index beside it would invite dependency confusion. */
export function usage({ repository, url }: UsageContext): readonly UsageSnippet[] {
  const { name } = repository;
  const index = `${url}/`;
  const upload = `${url}/legacy/`;
  const { protocol, hostname, host } = new URL(index);
  // pip refuses plain http from other machines unless it is told to trust them.
  const trusted = protocol === 'http:' && !isLoopback(hostname);
  return [
    {
      title: 'pip: install one package',
      language: 'shell',
      text: `pip install --index-url ${index}${trusted ? ` --trusted-host ${host}` : ''} PACKAGE`,
    },
    {
      title: 'pip: set up (pip.conf, or pip.ini on Windows)',
      language: 'ini',
      text: `[global]\nindex-url = ${index}${trusted ? `\ntrusted-host = ${host}` : ''}`,
    },
    {
      title: 'uv: set up (pyproject.toml)',
      language: 'toml',
      text: `[[tool.uv.index]]\nname = "${name}"\nurl = "${index}"\npublish-url = "${upload}"\ndefault = true`,
    },
    {
      title: 'uv: publish',
      language: 'shell',
      text: `UV_PUBLISH_TOKEN=TOKEN uv publish --publish-url ${upload} --check-url ${index}`,
    },
    {
      title: 'Poetry: set up and publish',
      language: 'shell',
      text: [
        `poetry source add --priority=primary ${name} ${index}`,
        `poetry config repositories.${name} ${upload}`,
        `POETRY_HTTP_BASIC_${environmentName(name)}_USERNAME=__token__ POETRY_HTTP_BASIC_${environmentName(name)}_PASSWORD=TOKEN poetry publish --build -r ${name}`,
      ].join('\n'),
    },
    {
      title: 'twine: publish',
      language: 'shell',
      text: `TWINE_USERNAME=__token__ TWINE_PASSWORD=TOKEN twine upload --repository-url ${upload} dist/*`,
    },
  ];
}

function environmentName(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '_').toUpperCase();
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
