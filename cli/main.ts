#!/usr/bin/env node
// The door: a fitting Node, the compile cache, then the one command that was named.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const locked = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const major = Number(process.versions.node.split('.')[0]);
if (major < 24 && existsSync(locked) && process.env.MATLANG_REEXEC === undefined) {
  const { status, signal } = spawnSync(locked, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, MATLANG_REEXEC: '1' },
  });
  process.exitCode = status ?? (signal === null ? 1 : 128);
} else {
  enableCompileCache();
  const { run } = await import('./run.ts');
  const { commands } = await import('./table.ts');
  process.exitCode = (await run(process.argv.slice(2), process.env, commands)) ?? process.exitCode;
}
