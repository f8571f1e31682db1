import type { UsageContext, UsageSnippet } from '../format.ts';

/** How to put files in and get them out. */
export function usage({ url }: UsageContext): readonly UsageSnippet[] {
  return [
    {
      title: 'Publish a file',
      language: 'shell',
      text: `curl --user "me:$PACKYARD_TOKEN" --upload-file tool-1.0.tar.gz \\\n  ${url}/tool/1.0/tool-1.0.tar.gz`,
    },
    { title: 'Fetch it', language: 'shell', text: `curl -fO ${url}/tool/1.0/tool-1.0.tar.gz` },
    { title: 'Fetch the newest version', language: 'shell', text: `curl -fO ${url}/tool/latest/tool-1.0.tar.gz` },
    {
      title: 'Check what was fetched',
      language: 'shell',
      text: `curl -fs ${url}/tool/1.0/SHA256SUMS | sha256sum --check --ignore-missing`,
    },
  ];
}
