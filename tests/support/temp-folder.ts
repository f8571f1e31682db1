import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder for one test; `using` or `dispose` removes it with everything in it. */
export class TempFolder implements Disposable {
  readonly path: string;

  constructor(purpose = 'test') {
    this.path = mkdtempSync(join(tmpdir(), `packyard-${purpose}-`));
  }

  join(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
