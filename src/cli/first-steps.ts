import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/** What is printed at the very first start: the administrator's token, once, and three commands that lead to a working install. */
export function firstSteps(url: string, token: string): string {
  return [
    'First start. This administrator token is shown only now; keep it:',
    '',
    `  ${token}`,
    '',
    'Try these in another terminal, with any wheel you have:',
    '',
    `  export PACKYARD_URL=${url} PACKYARD_TOKEN=${token}`,
    `  ${programName()} upload pypi/tools ./your_package-1.0-py3-none-any.whl`,
    `  pip install --index-url ${url}/repo/pypi/tools/ your-package`,
  ].join('\n');
}

/** How the person at this terminal calls the program: by path in a checkout, by name where it is installed. */
function programName(): string {
  const compiled = !basename(process.execPath).startsWith('bun');
  const file = compiled ? process.execPath : join(import.meta.dir, '..', '..', 'bin', 'packyard');
  const path = relative(process.cwd(), file);
  const near = existsSync(file) && !path.startsWith('..') && !path.includes('node_modules');
  return near ? (path.includes('/') ? path : `./${path}`) : 'packyard';
}
