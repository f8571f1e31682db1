import { afterAll, describe, expect, test } from 'bun:test';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment } from '../config/environment.ts';
import { VERSION } from './version.ts';

const folder = mkdtempSync(join(tmpdir(), 'packyard-launch-'));
afterAll(() => rmSync(folder, { recursive: true }));
const launcher = join(import.meta.dir, '../../bin/packyard');

function launch(program: string, args: readonly string[], cwd = folder) {
  const env = { PATH: processEnvironment().PATH };
  const { stdout, stderr, exitCode } = Bun.spawnSync([program, ...args], { cwd, env });
  return { out: stdout.toString(), err: stderr.toString(), code: exitCode };
}

describe('the launcher', () => {
  test('works by a link, as npm makes it, and from any folder', () => {
    const link = join(folder, 'packyard');
    symlinkSync(launcher, link);
    expect(launch(link, ['--version'])).toEqual({ out: `${VERSION}\n`, err: '', code: 0 });
  });

  test('finds Bun also where npm has blocked its install script', () => {
    const checkout = join(folder, 'blocked');
    const root = join(import.meta.dir, '../..');
    mkdirSync(join(checkout, 'node_modules/bun/bin'), { recursive: true });
    for (const name of ['src', 'tsconfig.json', 'package.json']) symlinkSync(join(root, name), join(checkout, name));
    cpSync(join(root, 'bin'), join(checkout, 'bin'), { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== 'bun' && name !== '@oven')
        symlinkSync(join(root, 'node_modules', name), join(checkout, 'node_modules', name));
    }
    writeFileSync(join(checkout, 'node_modules/bun/package.json'), '{"name": "bun"}');
    writeFileSync(join(checkout, 'node_modules/bun/bin/bun.exe'), 'echo "postinstall was not run" >&2; exit 1\n');
    // The install script moves the program from the platform's package to `bun`; without it, it stays there.
    const platforms = readdirSync(join(root, 'node_modules/@oven'));
    expect(platforms.length).toBeGreaterThan(0);
    for (const name of platforms) {
      const platform = join(checkout, 'node_modules/@oven', name);
      mkdirSync(join(platform, 'bin'), { recursive: true });
      writeFileSync(join(platform, 'package.json'), JSON.stringify({ name: `@oven/${name}` }));
      symlinkSync(process.execPath, join(platform, 'bin/bun'));
    }
    expect(launch(join(checkout, 'bin/packyard'), ['--version'])).toEqual({ out: `${VERSION}\n`, err: '', code: 0 });
  });

  test('hands on the exit code', () => {
    expect(launch(launcher, ['nonsense']).code).toBe(2);
  });

  test('is not configured by files of the folder it is called in', () => {
    const hostile = join(folder, 'hostile');
    mkdirSync(hostile);
    writeFileSync(join(hostile, 'bunfig.toml'), 'preload = ["./preload.ts"]\n');
    writeFileSync(join(hostile, 'preload.ts'), 'console.log("code of that folder was run");');
    writeFileSync(join(hostile, '.env'), 'PACKYARD_NONSENSE=1\n');
    writeFileSync(join(hostile, 'tsconfig.json'), '{"compilerOptions": {"paths": {"commander": ["./preload.ts"]}}}');
    expect(launch(launcher, ['config', 'check'], hostile)).toEqual({
      out: '',
      err: 'the configuration is valid\n',
      code: 0,
    });
  });

  test('prints at the very first start the address, the folder, the token and commands, and ends 0 on SIGTERM', async () => {
    const data = join(folder, 'data');
    const serve = async (): Promise<string> => {
      const child = Bun.spawn([launcher, 'serve', '--data', data, '--listen', '127.0.0.1:0'], {
        cwd: folder,
        env: { PATH: processEnvironment().PATH },
        stdout: 'pipe',
        stderr: 'ignore',
      });
      let out = '';
      const decoder = new TextDecoder();
      for await (const chunk of child.stdout) {
        out += decoder.decode(chunk, { stream: true });
        if (out.includes('Data folder')) child.kill('SIGTERM');
      }
      expect(await child.exited).toBe(0);
      return out;
    };
    const first = await serve();
    expect(first).toMatch(/answers at http:\/\/127\.0\.0\.1:[1-9]\d+\n/);
    expect(first).toContain(`Data folder: ${data}\n`);
    expect(first).toMatch(/pky_[A-Za-z0-9]{20,}/);
    expect(first).toMatch(/pip install --index-url http:\S+\/repo\/pypi\/tools\/ /);
    const second = await serve();
    expect(second).toContain(`Data folder: ${data}\n`);
    expect(second).not.toContain('pky_');
  });
});
