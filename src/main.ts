import { basename } from 'node:path';
import { systemIo } from './cli/io.ts';
import { run } from './cli/run.ts';

process.exitCode = await run(basename(process.argv0), process.argv.slice(2), systemIo());
