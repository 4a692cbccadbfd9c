// A clip names its segments with their hashes: which are here, and are they those?
import type { RecordEntry, SegmentEntry } from '../examine.ts';
import type { Findings } from './findings.ts';
import { type Item, placeOf } from './records.ts';

/** `absent`: how a segment that is not here is told. */
export function checkClips(items: readonly Item[], absent: 'missing-segment' | 'not-here', findings: Findings): void {
  const segments = new Map<string, SegmentEntry>();
  for (const { entry } of items)
    if (entry.is === 'segment') segments.set(`${entry.node} ${entry.boot} ${entry.number}`, entry);
  for (const { entry, file } of items) {
    if (entry.is !== 'record' || entry.manifest.kind !== 'clip') continue;
    if (entry.manifest.complete === false) findings.note('cut-short', placeOf(entry));
    checkClip(entry, file, segments, absent, findings);
  }
}

function checkClip(
  entry: RecordEntry,
  file: string,
  segments: ReadonlyMap<string, SegmentEntry>,
  absent: 'missing-segment' | 'not-here',
  findings: Findings,
): void {
  const gone: number[] = [];
  for (const ref of entry.manifest.segments ?? []) {
    const found = segments.get(`${entry.node} ${ref.boot} ${ref.seg}`);
    if (found === undefined) gone.push(ref.seg);
    else if (found.manifest.sealedSha256 !== ref.sealedSha256 || found.manifest.plainSha256 !== ref.plainSha256)
      findings.wrongAt('swapped-segment', file, `${ref.boot}/${ref.seg}`);
  }
  if (gone.length === 0) return;
  if (absent === 'not-here') findings.note(absent, file, gone.join(' '));
  else findings.wrongAt(absent, file, gone.join(' '));
}
