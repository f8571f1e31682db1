import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { skipVisibly } from '../support/clients.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { BLOBS, CASES, type Case, FILES, type Step } from './cases.ts';
import { NO_ORIGINAL, OURS, originalCommand, Tool, type ToolRegistry } from './two-tools.ts';

/** Registers the tests that run every case with the original and with ours, each on a registry of its own, and compare. */
export function compareOn(name: string, start: () => Promise<ToolRegistry & { stop(): Promise<unknown> }>): void {
  const sentence = `dxf and python-dxf on ${name}`;
  const original = originalCommand();
  if (original === undefined) {
    skipVisibly(sentence, NO_ORIGINAL);
    return;
  }
  describe(sentence, () => {
    const folder = new TempFolder('dxf');
    const stop: (() => Promise<unknown>)[] = [];
    let theirs: Tool;
    let ours: Tool;

    beforeAll(async () => {
      for (const [file, content] of Object.entries(FILES)) writeFileSync(folder.join(file), content);
      const registries = await Promise.all([start(), start()]);
      for (const registry of registries) stop.push(() => registry.stop());
      [theirs, ours] = [new Tool(original, registries[0]), new Tool(OURS, registries[1])];
    });
    afterAll(async () => {
      await Promise.all(stop.map((each) => each()));
      folder.dispose();
    });

    async function compare({ args, ours: deviation, isUnordered, ...options }: Step, repo: string): Promise<void> {
      const filled = args.map((arg) => arg.replace(/^REPO$/, repo).replace(/^OTHER$/, `${repo}-other`));
      const run = async (tool: Tool) => {
        const { code, stdout, stderr } = await tool.run(filled, { cwd: folder.path, ...options });
        return { args: filled, code, stdout: isUnordered ? sorted(stdout) : stdout, stderr };
      };
      const [{ stderr: _, ...expected }, { stderr, ...got }] = await Promise.all([run(theirs), run(ours)]);
      expect(got, stderr).toEqual({ ...expected, ...deviation });
      if (deviation) expect(got, 'the original does it too').not.toEqual(expected);
      // A failure is explained, and nothing else is said.
      if (options.env?.DXF_PROGRESS === undefined) expect(stderr !== '', stderr).toBe(got.code !== 0);
      expect(stderr).not.toMatch(/unexpected error|\n\s+at /);
    }

    test.each(CASES.map((each, index) => [each.sentence, each, `case/number-${index}`] as const))(
      '%s',
      async (_sentence, { before, steps, leavesOther }: Case, repo) => {
        await Promise.all([before?.(theirs, repo), before?.(ours, repo)]);
        for (const step of steps) await compare(step, repo);
        const [expected, got] = await Promise.all([theirs.stateOf(repo, BLOBS), ours.stateOf(repo, BLOBS)]);
        if (leavesOther === undefined) expect(got).toEqual(expected);
        else expect(got, leavesOther).not.toEqual(expected);
      },
    );

    test('list-repos prints the same at the end of all this', async () => {
      const [expected, got] = await Promise.all([theirs.run(['list-repos']), ours.run(['list-repos'])]);
      expect(got).toEqual(expected);
      expect(got.stdout).toContain('case/number-0\n');
    });
  });
}

function sorted(lines: string): string {
  return lines
    .split(/(?<=\n)/)
    .sort()
    .join('');
}
