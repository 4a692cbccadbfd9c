// What this board is: model, system, processor, disks. Asked once at start and in the doctor, in a child, because the library starts other programs for it (facts it needs lie in no one file).
import { besideMe, runShort } from './short-child.ts';

export interface Inventory {
  readonly model: string;
  readonly system: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly disks: readonly { readonly name: string; readonly type: string; readonly bytes: number }[];
}

export type InventoryRead =
  | { readonly ok: true; readonly inventory: Inventory }
  | { readonly ok: false; readonly why: 'timeout' | 'failed'; readonly text: string };

export async function readInventory(rules: {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}): Promise<InventoryRead> {
  const run = await runShort(process.execPath, [besideMe('inventory-child', import.meta.url)], {
    timeoutMs: rules.timeoutMs,
    outBytesMax: 64 * 1024,
    ...(rules.signal === undefined ? {} : { signal: rules.signal }),
  });
  if (!run.ok) return { ok: false, why: run.why === 'timeout' ? 'timeout' : 'failed', text: run.text };
  // Written by our own child a moment ago, in this shape.
  return { ok: true, inventory: JSON.parse(Buffer.from(run.out).toString('utf8')) as Inventory };
}
