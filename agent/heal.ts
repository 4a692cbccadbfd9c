// The data partition before the recorder starts: checked, mended where it is hurt, made anew where nothing else helps. What a card lost that answered
// flushes without doing them must not keep a pole dark. The identity partition is never made anew: without its key a node is nobody.
//
//   mounted and takes a byte ──────────────────────────────────────────▶ well
//   quick check ─▶ mount ─▶ takes a byte ──────────────────────────────▶ well, or mended
//        └─ or it fails ─▶ thorough check ─▶ mount ─▶ takes a byte ────▶ mended
//                 └─ or it fails ─▶ the same from a copy of the superblock ─▶ mended
//                               └─ or it fails ─▶ make anew ─▶ mount ──▶ remade, or beyond-help
import * as z from 'zod';
import type { CheckDepth, Checked, Partition, Tried } from '../hal/partition.ts';
import type { Disk } from '../hal/ports.ts';
import { unlessGone } from './gone.ts';
import { writeDurable } from './write-durable.ts';

export const healOutcomes = ['well', 'mended', 'remade', 'beyond-help'] as const;
export type HealOutcome = (typeof healOutcomes)[number];

/** `why` says what was found on the way, for people; empty when all was well. */
export interface Healed {
  readonly outcome: HealOutcome;
  readonly why: string;
}

/** From the cheapest on. */
const checks: readonly CheckDepth[] = ['quick', 'thorough', 'backup'];

export async function heal(partition: Partition): Promise<Healed> {
  const found: string[] = [];
  const healed = (outcome: HealOutcome): Healed => ({ outcome, why: outcome === 'well' ? '' : found.join(' · ') });
  const note = (tried: Tried | Checked, what: string): boolean => {
    if (!tried.ok) found.push(`${what}: ${tried.text}`);
    return tried.ok;
  };
  const use = async (): Promise<boolean> => {
    if (!note(await partition.mount(), 'mount')) return false;
    if (note(await partition.takesByte(), 'write')) return true;
    note(await partition.unmount(), 'unmount');
    return false;
  };

  if (await partition.isMounted()) {
    if (note(await partition.takesByte(), 'write')) return healed('well');
    // In use by somebody, it can be neither checked nor made anew.
    if (!note(await partition.unmount(), 'unmount')) return healed('beyond-help');
  }
  for (const how of checks) {
    const checked = await partition.check(how);
    if (!note(checked, `${how} check`)) continue;
    if (checked.ok && checked.mended) found.push(`${how} check: ${checked.text}`);
    if (await use()) return healed(found.length === 0 ? 'well' : 'mended');
  }
  if (!note(await partition.makeAnew(), 'make anew')) return healed('beyond-help');
  return healed((await use()) ? 'remade' : 'beyond-help');
}

const noteSchema = z.strictObject({ outcome: z.enum(healOutcomes), why: z.string().max(2000) });
export const notePath = (identityDir: string): string => `${identityDir}/card-healed.json`;

/** What was done is left for the recorder, who tells the hub. It lies with the identity: the data partition may be beyond help. Throws what the disk throws. */
export async function leaveNote(disk: Disk, identityDir: string, { outcome, why }: Healed): Promise<void> {
  const note = { outcome, why: why.slice(0, 2000) };
  await writeDurable(disk, notePath(identityDir), Buffer.from(`${JSON.stringify(note)}\n`));
}

/** Undefined where nothing had to be done since the last one was thrown away. */
export async function readNote(disk: Disk, identityDir: string): Promise<Healed | undefined> {
  try {
    const bytes = await unlessGone(disk.read(notePath(identityDir)));
    return bytes === undefined ? undefined : noteSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    return { outcome: 'mended', why: `the note of what was done cannot be read: ${String(error).slice(0, 300)}` };
  }
}

export async function throwNoteAway(disk: Disk, identityDir: string): Promise<void> {
  await unlessGone(disk.remove(notePath(identityDir)));
}
