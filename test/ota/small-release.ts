// A release small enough to make by the hundred: a self-test that is a shell script, and a file or two.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { drive, type LaunchRules } from '../../ota/launcher.ts';
import type { ReleaseList } from '../../ota/release-list.ts';
import { readState } from '../../ota/root.ts';
import { shelf } from '../../ota/shelf.ts';
import type { Launch } from '../../ota/trial.ts';

export async function smallRelease(
  folder: string,
  release: string,
  selfTest = 'exit 0',
  more: Readonly<Record<string, string>> = { 'app/recorder.js': `// ${release}` },
): Promise<ReleaseList> {
  const files: Record<string, string> = { 'bin/self-test': `#!/bin/sh\n${selfTest}\n`, ...more };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const list: ReleaseList = {
    v: 1,
    release,
    arch: process.arch,
    selfTest: ['bin/self-test'],
    files: Object.entries(files).map(([path, text]) => ({
      path,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
      executable: path.startsWith('bin/'),
    })),
  };
  await writeFile(join(folder, 'release.json'), JSON.stringify(list));
  return list;
}

/** The hub has what the release on trial wrote at its start: it is kept. */
export const receipted = (rules: LaunchRules): Promise<Launch> =>
  drive(shelf, rules, readState(rules.root), { is: 'receipt' });
