import { PYTHON } from '../support/clients.ts';
import { runOk } from '../support/run.ts';
import type { TestServer } from '../support/start-server.ts';

/** The index root, as pip's `--index-url`. */
export function indexUrl(server: TestServer, repository: string): string {
  return `${server.url}/repo/pypi/${repository}/`;
}

/** What `module.VERSION` is when the folder is on Python's path: proof that the package was really installed. */
export async function installedVersion(folder: string, module: string): Promise<string> {
  const program = `import ${module}; print(${module}.VERSION)`;
  return (await runOk([PYTHON, '-c', program], { env: { PYTHONPATH: folder } })).stdout.trim();
}
