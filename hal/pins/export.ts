// What only root may do with sysfs pins, once at start: export them, point them, and hand their files to the node's group. After it the recorder needs no right but that of its group.
import { chmod, chown, realpath, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findChip } from './chip.ts';

export interface PinsToExport {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

export type Exported =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: 'no-sysfs' | 'no-chip' | 'io'; readonly text: string };

/** The kernel makes a pin's folder at once, udev may still be busy with it. */
const appearMsMax = 2000;

/** `groupId` gets the files; without it their owner stays. Outputs begin low. A pin exported before is taken as it is. */
export async function exportPins(sysRoot: string, pins: PinsToExport, groupId: number | undefined): Promise<Exported> {
  const chip = await findChip(sysRoot);
  if (!chip.ok) return chip;
  const wanted = [
    ...pins.inputs.map((pin) => ({ pin, direction: 'in' })),
    ...pins.outputs.map((pin) => ({ pin, direction: 'low' })),
  ];
  const failures: string[] = [];
  for (const { pin, direction } of wanted) {
    await exportOne(sysRoot, chip.base + pin, direction, groupId).catch((error: unknown) =>
      failures.push(`pin ${pin}: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
  if (failures.length > 0) return { ok: false, why: 'io', text: failures.join('\n') };
  const list = wanted.map(({ pin, direction }) => `${pin} ${direction}`).join(', ');
  return { ok: true, text: `${chip.label} from ${chip.base}: ${list === '' ? 'no pins' : list}` };
}

async function exportOne(sysRoot: string, gpio: number, direction: string, groupId: number | undefined): Promise<void> {
  const folder = join(sysRoot, `class/gpio/gpio${gpio}`);
  if (!(await exists(folder))) await writeFile(join(sysRoot, 'class/gpio/export'), String(gpio));
  for (const giveUpMs = performance.now() + appearMsMax; !(await exists(join(folder, 'direction'))); await pause(20)) {
    if (performance.now() > giveUpMs) throw new Error(`${folder} did not appear`);
  }
  await writeFile(join(folder, 'direction'), direction);
  if (direction === 'in') await writeFile(join(folder, 'edge'), 'both');
  if (groupId === undefined) return;
  const real = await realpath(folder);
  const files =
    direction === 'in' ? ['value', 'direction', 'edge', 'active_low'] : ['value', 'direction', 'active_low'];
  for (const name of files) await handOver(join(real, name), groupId);
}

async function handOver(path: string, groupId: number): Promise<void> {
  await chown(path, -1, groupId);
  await chmod(path, 0o664);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
