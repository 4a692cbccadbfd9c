// When each picture of a segment begins, as its fragments say (ISO/IEC 14496-12: trex 8.8.3, tfhd 8.8.7, trun 8.8.8). Cameras do not keep
// their rate: who steps from picture to picture has to know.
import { type Box, find, viewOf } from './boxes.ts';
import { decodeTime, type Track } from './rebase.ts';

const flagsOf = (bytes: Uint8Array, box: Box): number => viewOf(bytes).getUint32(box.content) & 0xffffff;

/** Of pictures that do not say how long they last; in units of the track. */
export function usualUnits(init: Uint8Array): number {
  const trex = find(init, ['moov', 'mvex', 'trex'])[0];
  return trex === undefined || trex.end < trex.content + 16 ? 0 : viewOf(init).getUint32(trex.content + 12);
}

/** Seconds, rising. None of a fragment that is not as it must be. */
export function pictureTimes(segment: Uint8Array, { timescale }: Track, usual: number): number[] {
  const units = find(segment, ['moof', 'traf']).flatMap((traf) => inFragment(segment, traf, usual));
  return units.sort((one, other) => one - other).map((at) => at / timescale);
}

function inFragment(segment: Uint8Array, traf: Box, usual: number): number[] {
  const view = viewOf(segment);
  const [tfhd, tfdt, trun] = ['tfhd', 'tfdt', 'trun'].map((type) => find(segment, [type], traf.content, traf.end));
  const [head, time] = [tfhd?.[0], tfdt?.[0]];
  if (head === undefined || time === undefined) return [];
  const headFlags = flagsOf(segment, head);
  const lastsAt = head.content + 8 + (headFlags & 1 ? 8 : 0) + (headFlags & 2 ? 4 : 0);
  const lasts = headFlags & 8 && lastsAt + 4 <= head.end ? view.getUint32(lastsAt) : usual;
  const at = { units: Number(decodeTime(segment, time)) };
  return (trun ?? []).flatMap((run) => inRun(segment, run, lasts, at));
}

/** Moves `at` to the run's end. */
function inRun(segment: Uint8Array, run: Box, lasts: number, at: { units: number }): number[] {
  const view = viewOf(segment);
  const flags = flagsOf(segment, run);
  const count = view.getUint32(run.content + 4);
  const has = (flag: number) => (flags & flag ? 4 : 0);
  const entries = run.content + 8 + has(0x1) + has(0x4);
  const entryBytes = has(0x100) + has(0x200) + has(0x400) + has(0x800);
  if (entryBytes === 0 ? count > 10_000 : entries + count * entryBytes > run.end) return [];
  return Array.from({ length: count }, (_, index) => {
    const entry = entries + index * entryBytes;
    const shiftAt = entry + has(0x100) + has(0x200) + has(0x400);
    // Signed in version 1; in version 0 none is so large that it matters.
    const shown = at.units + (has(0x800) ? view.getInt32(shiftAt) : 0);
    at.units += has(0x100) ? view.getUint32(entry) : lasts;
    return shown;
  });
}
