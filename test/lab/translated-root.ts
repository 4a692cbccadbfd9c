// Programs of another machine run here, in a root of their own, while Debian's packages are set up in it: the kernel hands them to QEMU's translator.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './must.ts';

const kernels = '/proc/sys/fs/binfmt_misc';
const name = 'qemu-aarch64';
/** Debian's own words to the kernel. */
const wordsPath = `/usr/lib/binfmt.d/${name}.conf`;

/** Why arm64 programs cannot be run here. */
export const missingBinfmt = (): string | undefined =>
  existsSync(wordsPath) || existsSync(join(kernels, name))
    ? undefined
    : `${wordsPath} not found: apt-get install --no-install-recommends qemu-user-static`;

/** Where the kernel was not told before, it forgets after. */
export function withTranslator(work: () => void): void {
  if (!existsSync(join(kernels, 'register'))) must('mount', ['-t', 'binfmt_misc', 'binfmt_misc', kernels]);
  if (existsSync(join(kernels, name))) {
    work();
    return;
  }
  const words = readFileSync(wordsPath, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(':'));
  writeFileSync(join(kernels, 'register'), words ?? '');
  try {
    work();
  } finally {
    writeFileSync(join(kernels, name), '-1');
  }
}
