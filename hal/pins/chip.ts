// Where the header's pins lie in the kernel's numbering. The base has moved with kernels and boards (0, 399, 504, 512, 571 …), so it is looked up by name.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The chip behind the 40-pin header: Pi 0–3, Pi 4, Pi 5. */
export const headerLabels: readonly string[] = ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1'];

export type Chip =
  | { readonly ok: true; readonly base: number; readonly label: string }
  | { readonly ok: false; readonly why: 'no-sysfs' | 'no-chip'; readonly text: string };

/** `sysRoot` is /sys, or another folder in tests. */
export async function findChip(sysRoot: string): Promise<Chip> {
  const folder = join(sysRoot, 'class/gpio');
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined)
    return { ok: false, why: 'no-sysfs', text: `${folder} is absent: the kernel has no sysfs GPIO` };
  const seen: string[] = [];
  for (const name of names.filter((one) => one.startsWith('gpiochip'))) {
    const [label, base] = await Promise.all([read(folder, name, 'label'), read(folder, name, 'base')]);
    if (headerLabels.includes(label) && /^\d+$/.test(base)) return { ok: true, base: Number(base), label };
    seen.push(label === '' ? name : label);
  }
  const found = seen.length === 0 ? 'no chip at all' : seen.join(', ');
  return { ok: false, why: 'no-chip', text: `no chip of a Raspberry Pi header under ${folder}, only: ${found}` };
}

const read = async (...path: string[]): Promise<string> =>
  (await readFile(join(...path), 'utf8').catch(() => '')).trim();
