// What a power cut left open: events without an end, or without their last clip. Decided from manifests alone, since bodies are sealed.
import type { Boot } from '../../protocol/identity.ts';
import type { Level, Manifest, Trigger } from '../../protocol/manifest.ts';

export interface OpenEvent {
  readonly id: string;
  readonly boot: Boot;
  readonly trigger: Trigger;
  readonly level: Level;
  /** When its first record was made; the subject was seen up to a second before. */
  readonly fromMonoMs: number;
  /** Its end is recorded: by itself, or by a start that mended it and was cut off in its turn. */
  readonly hasEnd: boolean;
  /** When it ended by its own boot's time; undefined where the cut came first. */
  readonly endedMonoMs: number | undefined;
  /** Clip parts that exist already, and the segments in them. */
  readonly parts: number;
  readonly inParts: ReadonlySet<number>;
}

/** `manifests` are all event and clip manifests of one boot and of those after it (they may have mended some of it), in any order. */
export function openEvents(manifests: readonly Manifest[]): OpenEvent[] {
  const events = manifests.filter((each) => each.kind === 'event');
  const clips = manifests.filter((each) => each.kind === 'clip');
  return events.flatMap(({ event, time, boot }) => {
    if (event?.phase !== 'new') return [];
    const its = clips.filter((clip) => clip.of?.event === event.id);
    const end = events.find((each) => each.event?.id === event.id && each.event.phase === 'end');
    if (end !== undefined && its.some((clip) => clip.last === true)) return [];
    const rose = events.some((each) => each.event?.id === event.id && each.event.level === 'alarm');
    return [
      {
        id: event.id,
        boot,
        trigger: event.trigger,
        level: rose ? 'alarm' : event.level,
        fromMonoMs: time.monoMs,
        hasEnd: end !== undefined,
        endedMonoMs: end?.boot === boot ? end.time.monoMs : undefined,
        parts: its.length,
        inParts: new Set(its.flatMap((clip) => clip.segments?.map((segment) => segment.seg) ?? [])),
      },
    ];
  });
}

/** Whether a segment belongs to the rest of an interrupted event's clip. */
export function belongs(
  event: OpenEvent,
  segment: { readonly seg: number; readonly firstMonoMs: number; readonly durationMs: number },
  rules: { readonly preRollMs: number; readonly postRollMs: number },
): boolean {
  if (event.inParts.has(segment.seg)) return false;
  const afterStart = segment.firstMonoMs + segment.durationMs > event.fromMonoMs - rules.preRollMs - seenBeforeMs;
  return afterStart && segment.firstMonoMs < (event.endedMonoMs ?? Number.POSITIVE_INFINITY) + rules.postRollMs;
}

/** The first record is made up to this long after the subject was first seen. */
const seenBeforeMs = 1000;
