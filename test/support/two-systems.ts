// What a card with two systems is made of, for tests and lab: a boot image that serves both places, and somebody who signs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';

/** The firmware reads the command line of the partition that it was told to start. */
export const bootConfig =
  '# stock\n[boot_partition=2]\ncmdline=cmdline-a.txt\n[boot_partition=3]\ncmdline=cmdline-b.txt\n[all]\n';

export const rootWords = (slot: 'A' | 'B'): string =>
  `root=PARTUUID=6d61746c-${slot === 'A' ? '05' : '06'} rw rauc.slot=${slot} panic=10`;

/** Of a boot image that serves both places. */
export const bootFiles: Readonly<Record<string, string>> = {
  'config.txt': bootConfig,
  'cmdline-a.txt': `${rootWords('A')}\n`,
  'cmdline-b.txt': `${rootWords('B')}\n`,
};

/** FAT; its path. `other` replaces a file, or leaves it out. */
export function bootImage(dir: string, other: Readonly<Record<string, string | undefined>>): string {
  return fatImage(dir, 'bootfs', 8, { ...bootFiles, ...other });
}

export function fatImage(
  dir: string,
  label: string,
  sizeMiB: number,
  files: Readonly<Record<string, string | undefined>>,
): string {
  const folder = mkdtempSync(join(dir, 'fat-'));
  const image = join(folder, `${label}.vfat`);
  must('mkfs.vfat', ['-C', '-n', label, image, String(sizeMiB * 1024)]);
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) continue;
    writeFileSync(join(folder, name), text);
    must('mcopy', ['-i', image, join(folder, name), `::${name}`]);
  }
  return image;
}

/** A certificate that vouches for itself, for a day. */
export function makeSigner(dir: string, name: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(dir, `${name}.cert.pem`), join(dir, `${name}.key.pem`)];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${name}`];
  must('openssl', ['req', ...kind, '-keyout', key, '-out', cert]);
  return { cert, key };
}

function must(program: string, args: readonly string[]): void {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const run = spawnSync(program, args, { encoding: 'utf8', env });
  assert.is(run.status, 0, `${program}: ${run.stderr}`);
}
