// What an entry of the archive becomes in the catalogue's tables.
import type { CoverageDetails, EventDetails } from '../protocol/details.ts';
import type { VitalsMessage } from '../protocol/vitals.ts';
import type { Statements } from './catalog-statements.ts';
import type { RecordEntry, SegmentEntry } from './examine.ts';
import { fold } from './fold.ts';
import { limits } from './limits.ts';
import type { Details } from './open-details.ts';
import type { Known } from './retime.ts';
import type { Timing } from './timing.ts';

export function addSegment(
  put: Statements,
  timing: Timing,
  { node, boot, number, id, name, manifest }: SegmentEntry,
  storedMs: number,
): void {
  const { sealedSha256, init, firstMonoMs, durationMs, wallMs, bytes } = manifest;
  const { atMs, keptFromMs } = timing.segment(node, boot, { monoMs: firstMonoMs, wallMs, storedMs });
  put.segment.run(
    ...[node, boot, number, id, sealedSha256, init],
    ...[firstMonoMs, durationMs, wallMs, atMs, name, bytes, storedMs, keptFromMs],
  );
}

export function addRecord(
  put: Statements,
  timing: Timing,
  entry: RecordEntry,
  storedMs: number,
  details: Details,
): void {
  const { node, boot, number, id, name, manifest } = entry;
  const { time, event, of, complete, last, body } = manifest;
  const saying = { ...time, seq: number, storedMs, isAnchor: manifest.kind === 'anchor' };
  const { known, keptFromMs, isNews } = timing.record(node, boot, saying);
  put.node.run(node);
  put.record.run(
    ...[node, boot, number, id, manifest.prev, manifest.kind, manifest.class],
    ...[time.monoMs, time.wallMs, time.clock, time.errorMs, known.atMs, known.errorMs, known.by],
    ...[
      name,
      body?.bytes ?? 0,
      body?.type ?? null,
      body?.plainSha256 ?? null,
      event?.id ?? null,
      event?.phase ?? null,
      event?.level ?? null,
    ],
    ...[of?.event ?? null, of?.part ?? null, of?.why ?? null, flag(complete), flag(last), storedMs, keptFromMs],
  );
  manifest.segments?.forEach((segment, place) => {
    put.clipSegment.run(node, boot, number, place, segment.boot, segment.seg, segment.durationMs);
  });
  addEvent(put, entry, { ...known, keptFromMs }, details.is === 'event' ? details.event : undefined);
  if (details.is === 'fault') {
    const { code, standing, text } = details.fault;
    put.fault.run(node, boot, number, code, standing ? 1 : 0, text, known.atMs);
  }
  if (details.is === 'coverage') addCoverage(put, timing, entry, details.coverage);
  for (const gone of details.is === 'tombstone' ? details.tombstone.gone : []) {
    if (gone.kind === 'segment') put.goneSegment.run(node, gone.boot, gone.number);
    else put.gone.run(node, gone.boot, gone.number, gone.sha256);
  }
  if (isNews) timing.due(node, boot);
}

/** Told on another boot's clock where it was cut off before it could say. */
function addCoverage(
  put: Statements,
  timing: Timing,
  { node, boot, number }: RecordEntry,
  said: CoverageDetails,
): void {
  const ofBoot = said.boot ?? boot;
  const spans = [{ fromMonoMs: said.fromMonoMs, toMonoMs: said.toMonoMs }, ...said.recorded];
  for (const [place, { fromMonoMs, toMonoMs }] of spans.entries()) {
    const fromMs = timing.moment(node, ofBoot, fromMonoMs);
    put.coverage.run(...[node, boot, number, place, ofBoot, fromMonoMs, toMonoMs, fromMs, place === 0 ? 0 : 1]);
  }
}

/** A live value that a board does not tell is null, and stays out of a plot. */
export function addVital(put: Statements, node: string, { board, queue }: VitalsMessage, slot: number): void {
  const { card, memory } = board ?? {};
  const written = card?.writtenBytes;
  put.vital.run(
    ...[node, slot, board?.temperatureC ?? null, board?.load1 ?? null, memory?.availableBytes ?? null],
    ...[card?.freeBytes ?? null, typeof written === 'number' ? written : null],
    ...[queue?.files ?? null, queue?.oldestAgeMs ?? null],
  );
  put.vitalsBound.run(node, slot - limits.vitalSlots);
}

function addEvent(
  put: Statements,
  entry: RecordEntry,
  known: Known & { readonly keptFromMs: number },
  details: EventDetails | undefined,
): void {
  const { event, time } = entry.manifest;
  if (entry.manifest.kind !== 'event' || event === undefined) return;
  // A record whose details cannot be read never outranks one whose details can.
  const turn = details === undefined ? '' : `${entry.boot}-${String(entry.number).padStart(10, '0')}`;
  const ended = event.phase === 'end' ? 1 : 0;
  const text = details === undefined ? null : JSON.stringify(details);
  put.event.run(
    ...[entry.node, event.id, entry.boot, entry.number, known.atMs, known.errorMs, known.by],
    ...[time.wallMs, known.keptFromMs],
    ...[event.trigger, event.level, ended, turn, text, ...soughtBy(details)],
  );
}

/** Its length, and the words it is found by. */
export function soughtBy(
  details: Pick<EventDetails, 'firstMonoMs' | 'lastMonoMs' | 'reason' | 'zones'> | undefined,
): [durationMs: number | null, zoneWords: string, words: string] {
  if (details === undefined) return [null, '', ''];
  const { firstMonoMs, lastMonoMs, reason, zones } = details;
  const zoneWords = fold(zones.join('\n'));
  return [lastMonoMs - firstMonoMs, zoneWords, `${fold(reason)}\n${zoneWords}`];
}

const flag = (value: boolean | undefined): number | null => (value === undefined ? null : value ? 1 : 0);
