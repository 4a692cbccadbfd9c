// The hub's counter-signatures: no later than when it had each record, and what it had that is not here any more.
import {
  type CounterSignature,
  counterSignatureSchema,
  counterSignaturesName,
} from '../../protocol/counter-signature.ts';
import type { EvidenceFiles } from './files.ts';
import type { Findings } from './findings.ts';
import type { KeyRing } from './keys.ts';
import type { Look } from './look.ts';
import { type Item, placeOf } from './records.ts';

export const isHeldFile = (name: string): boolean =>
  name.endsWith(`/${counterSignaturesName}`) || name === counterSignaturesName;

/** Earliest moment for each manifest's hash, of signatures that hold. */
export type HeldSince = ReadonlyMap<string, number>;

export async function readHeld(
  files: EvidenceFiles,
  names: readonly string[],
  keys: KeyRing,
  look: Look,
  findings: Findings,
): Promise<{ since: HeldSince; all: readonly CounterSignature[] }> {
  const since = new Map<string, number>();
  const all: CounterSignature[] = [];
  const hub = keys.hub;
  if (hub === undefined) return { since, all };
  for (const name of names) {
    const { lines, torn } = await linesOf(files, name);
    if (torn) findings.note('torn-line', name);
    for (const [index, line] of lines.entries()) {
      const checked = await look.verify(line, 'matlang-held', hub.key);
      const held = checked.ok ? counterSignatureSchema.safeParse(checked.payload) : undefined;
      if (held?.success !== true) {
        // A power cut may leave a line unfinished, and the next start begins a new one behind it.
        if (line !== '' && !isTornStart(line)) findings.wrongAt('counter-signature', name, `${index + 1}`);
        else if (line !== '') findings.note('torn-line', name, `${index + 1}`);
        continue;
      }
      all.push(held.data);
      since.set(held.data.sha256, Math.min(held.data.hubMs, since.get(held.data.sha256) ?? Number.POSITIVE_INFINITY));
    }
  }
  return { since, all };
}

/** A line that never got to its signature. */
const isTornStart = (line: string): boolean => line.split('.').length < 3;

/** The lines of a text of signatures; `torn` when something follows the last newline. */
export async function linesOf(files: EvidenceFiles, name: string): Promise<{ lines: string[]; torn: boolean }> {
  const bytes = await files.read(name);
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').split('\n');
  const torn = lines.at(-1) !== '';
  return { lines: lines.slice(0, -1), torn };
}

/** `whole`: everything that the hub ever had in these folders should be here. */
export function checkHeld(
  items: readonly Item[],
  { since, all }: { since: HeldSince; all: readonly CounterSignature[] },
  whole: boolean,
  findings: Findings,
): void {
  if (all.length === 0) return;
  const here = new Set(items.map(({ entry }) => entry.id));
  for (const held of whole ? all : [])
    if (!here.has(held.sha256))
      findings.wrongAt(
        'missing-held',
        placeOf(held),
        `${held.sha256.slice(0, 16)} ${new Date(held.hubMs).toISOString()}`,
      );
  for (const { entry } of items) {
    const hubMs = since.get(entry.id);
    if (hubMs === undefined) findings.note('not-counter-signed', placeOf(entry));
    else checkClocks(entry, hubMs, findings);
  }
}

/** A record cannot have been held before it was made: one of the two clocks was wrong, by this much at least. */
function checkClocks(entry: Item['entry'], hubMs: number, findings: Findings): void {
  if (entry.is !== 'record') return;
  const { wallMs, errorMs, clock } = entry.manifest.time;
  if (wallMs === null || clock === 'none' || clock === 'floor') return;
  const byMs = wallMs - errorMs - hubMs;
  if (byMs > hubErrorMs) findings.note('clocks-disagree', placeOf(entry), `${Math.round(byMs)} ms`);
}
/** The hub's own clock is taken to be right to this. */
const hubErrorMs = 2_000;
