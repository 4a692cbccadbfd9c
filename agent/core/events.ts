// When something begins, goes on and is over.
//
//              subject in view, or a trigger               quiet for quietMs, or a break
//   watching ───────────────────────────────▶ happening ─────────────────────────────────▶ watching
//                                             └── level rises, new zone: update ──┘
import type { Box, EventDetails } from '../../protocol/details.ts';
import type { Level, Trigger } from '../../protocol/manifest.ts';

/** What the recorder noticed. Times are monotonic ms. */
export type Seen =
  /** One analysed picture. `sinceMonoMs` is the first moment the subject now in view was seen. */
  | {
      readonly is: 'picture';
      readonly monoMs: number;
      readonly moving: boolean;
      readonly sinceMonoMs: number;
      readonly share: number;
      readonly boxes: readonly Box[];
      readonly zones: readonly string[];
      readonly level: Level;
      readonly reason: string;
    }
  /** A button, a contact, a sound, a command. */
  | {
      readonly is: 'trigger';
      readonly monoMs: number;
      readonly trigger: Trigger;
      readonly level: Level;
      readonly reason: string;
      readonly tamper?: NonNullable<EventDetails['tamper']>;
    }
  /** Time passes without pictures. */
  | { readonly is: 'tick'; readonly monoMs: number }
  /** The time line ends here: what is running is closed. */
  | { readonly is: 'break'; readonly monoMs: number; readonly why: Break };

export type Break = 'stop' | 'camera-lost' | 'film-end';

export interface EventRules {
  readonly quietMs: number;
  /** A new zone is told at most this often; a rise to alarm at once. */
  readonly updateMs: number;
}
export const updateMs = 10_000;

export type Picture = Extract<Seen, { is: 'picture' }>;
type TriggerSeen = Extract<Seen, { is: 'trigger' }>;

export type EventState =
  | { readonly name: 'watching'; readonly boot: string; readonly count: number }
  | {
      readonly name: 'happening';
      readonly boot: string;
      readonly count: number;
      readonly event: EventDetails;
      readonly updatedMonoMs: number;
      readonly toldZones: readonly string[];
      readonly toldTriggers: readonly Trigger[];
    };

export type EventAction =
  | { readonly do: 'open'; readonly event: EventDetails }
  | { readonly do: 'update'; readonly event: EventDetails }
  | { readonly do: 'close'; readonly event: EventDetails };

export interface EventStep {
  readonly state: EventState;
  readonly actions: readonly EventAction[];
}

const boxesMax = 32;
const zonesMax = 64;
const reasonMax = 500;

/** Event ids are `<boot>-e<count>`. */
export function watching(boot: string): EventState {
  return { name: 'watching', boot, count: 0 };
}

export function step(state: EventState, seen: Seen, rules: EventRules): EventStep {
  switch (state.name) {
    case 'watching':
      return begins(seen) ? open(state, seen) : { state, actions: [] };
    case 'happening':
      return isOver(state.event, seen, rules) ? close(state, seen, rules) : goOn(state, seen, rules);
  }
}

function begins(seen: Seen): seen is Picture | TriggerSeen {
  return seen.is === 'trigger' || (seen.is === 'picture' && seen.moving);
}

function open(state: EventState, seen: Picture | TriggerSeen): EventStep {
  const event =
    seen.is === 'picture'
      ? fromPicture(`${state.boot}-e${state.count}`, seen)
      : fromTrigger(`${state.boot}-e${state.count}`, seen);
  const happening = {
    name: 'happening',
    boot: state.boot,
    count: state.count,
    event,
    updatedMonoMs: seen.monoMs,
    toldZones: event.zones,
    toldTriggers: [event.trigger],
  } as const;
  return { state: happening, actions: [{ do: 'open', event }] };
}

function fromPicture(id: string, seen: Picture): EventDetails {
  return {
    id,
    trigger: 'motion',
    level: seen.level,
    firstMonoMs: seen.sinceMonoMs,
    lastMonoMs: seen.monoMs,
    peakShare: seen.share,
    boxes: seen.boxes.slice(0, boxesMax),
    zones: seen.zones.slice(0, zonesMax),
    reason: seen.reason.slice(0, reasonMax),
  };
}

function fromTrigger(id: string, seen: TriggerSeen): EventDetails {
  return {
    id,
    trigger: seen.trigger,
    level: seen.level,
    firstMonoMs: seen.tamper?.sinceMonoMs ?? seen.monoMs,
    lastMonoMs: seen.monoMs,
    peakShare: 0,
    boxes: [],
    zones: [],
    reason: seen.reason.slice(0, reasonMax),
    ...(seen.tamper === undefined ? {} : { tamper: seen.tamper }),
  };
}

function isOver(event: EventDetails, seen: Seen, rules: EventRules): boolean {
  if (seen.is === 'break') return true;
  // Only motion and triggers extend an event; a subject that returns after the quiet time is another event.
  return seen.monoMs - event.lastMonoMs > rules.quietMs;
}

function close(state: Extract<EventState, { name: 'happening' }>, seen: Seen, rules: EventRules): EventStep {
  const event = { ...state.event, endedBy: seen.is === 'break' ? seen.why : ('quiet' as const) };
  const after = step({ name: 'watching', boot: state.boot, count: state.count + 1 }, seen, rules);
  return { state: after.state, actions: [{ do: 'close', event }, ...after.actions] };
}

function goOn(state: Extract<EventState, { name: 'happening' }>, seen: Seen, rules: EventRules): EventStep {
  if (!begins(seen)) return { state, actions: [] };
  const event = seen.is === 'picture' ? withPicture(state.event, seen) : withTrigger(state.event, seen);
  const rose = event.level === 'alarm' && state.event.level === 'event';
  const newZone = event.zones.some((zone) => !state.toldZones.includes(zone));
  // The button, the contact, the covered lens: each is news once, also where something else has raised the alarm.
  const newAlarm = seen.is === 'trigger' && seen.level === 'alarm' && !state.toldTriggers.includes(seen.trigger);
  if (!rose && !newAlarm && !(newZone && seen.monoMs - state.updatedMonoMs >= rules.updateMs))
    return { state: { ...state, event }, actions: [] };
  const toldTriggers = newAlarm ? [...state.toldTriggers, seen.trigger] : state.toldTriggers;
  return {
    state: { ...state, event, updatedMonoMs: seen.monoMs, toldZones: event.zones, toldTriggers },
    actions: [{ do: 'update', event }],
  };
}

function withPicture(event: EventDetails, seen: Picture): EventDetails {
  const peak = seen.share > event.peakShare;
  const added = seen.zones.filter((zone) => !event.zones.includes(zone));
  return {
    ...event,
    level: seen.level === 'alarm' ? 'alarm' : event.level,
    // A second subject may be told only now, and have been in the picture before the first.
    firstMonoMs: Math.min(event.firstMonoMs, seen.sinceMonoMs),
    lastMonoMs: seen.monoMs,
    peakShare: peak ? seen.share : event.peakShare,
    boxes: peak ? seen.boxes.slice(0, boxesMax) : event.boxes,
    reason: peak && event.trigger === 'motion' ? seen.reason.slice(0, reasonMax) : event.reason,
    zones: added.length === 0 ? event.zones : [...event.zones, ...added].slice(0, zonesMax),
  };
}

function withTrigger(event: EventDetails, seen: TriggerSeen): EventDetails {
  const rose = seen.level === 'alarm' && event.level === 'event';
  return {
    ...event,
    lastMonoMs: seen.monoMs,
    trigger: rose || (seen.level === 'alarm' && event.trigger === 'motion') ? seen.trigger : event.trigger,
    level: rose ? 'alarm' : event.level,
    // What was done to the camera stands first, however much there is to say of who came by.
    reason: (seen.tamper === undefined ? `${event.reason} · ${seen.reason}` : `${seen.reason} · ${event.reason}`).slice(
      0,
      reasonMax,
    ),
    ...(seen.tamper === undefined ? {} : { tamper: seen.tamper }),
  };
}
