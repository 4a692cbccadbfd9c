// What the status lamp says without a screen. docs/guide/den-bao.md shows the same table to the technician.

/** From the gravest to the best; the first that holds is shown. */
export const ledMeanings = [
  'update-accepted',
  'update-done',
  'update-unsigned',
  'update-damaged',
  'update-no-room',
  'update-failed',
  'update-refused',
  'broken',
  'starting',
  'watching',
  'warned',
  'offline',
  'well',
] as const;
export type LedMeaning = (typeof ledMeanings)[number];
export type LedUpdate = Extract<LedMeaning, `update-${string}`>;

export interface LedSeen {
  /** No picture since the start. */
  readonly starting: boolean;
  /** Codes of the standing faults. */
  readonly faults: readonly string[];
  readonly online: boolean;
  /** An event goes on. */
  readonly eventOn: boolean;
  /** Somebody may have put a stick in, and stands below the lamp: shown before all else. */
  readonly update?: LedUpdate;
}

/** ms on, off, on, off …, over and over; one number is steady light. */
export const ledPatterns: Readonly<Record<LedMeaning, readonly number[]>> = {
  /** Long light, short dark: it is good, and is being installed. Leave the stick in. */
  'update-accepted': [1500, 500],
  /** Long, short, dark: it runs. */
  'update-done': [1200, 300, 200, 1300],
  /** Refused: one long light, then as many short ones as the reason's number. */
  'update-unsigned': refusedFor(1),
  'update-damaged': refusedFor(2),
  'update-no-room': refusedFor(3),
  'update-failed': refusedFor(4),
  'update-refused': refusedFor(5),
  /** Five times a second: camera or card, a person must come. */
  broken: [100, 100],
  /** Once a second, as long on as off. */
  starting: [500, 500],
  /** Steady: something is being recorded. */
  watching: [1000],
  /** Three short ones every three seconds: heat, power, contact. */
  warned: [100, 200, 100, 200, 100, 2300],
  /** Two short ones every three seconds: it records, the hub is out of reach. */
  offline: [100, 200, 100, 2600],
  /** One short one every three seconds. */
  well: [100, 2900],
};

export function ledMeaning({ starting, faults, online, eventOn, update }: LedSeen): LedMeaning {
  if (update !== undefined) return update;
  if (faults.some((code) => code.startsWith('camera-') || code.startsWith('card-'))) return 'broken';
  if (starting) return 'starting';
  if (eventOn) return 'watching';
  if (faults.length > 0) return 'warned';
  return online ? 'well' : 'offline';
}

/** The long light tells it from the warnings. */
function refusedFor(count: number): readonly number[] {
  const flashes = Array.from({ length: count }, () => [120, 180]).flat();
  const shown = [700, 250, ...flashes.slice(0, -1)];
  return [...shown, 3000 - shown.reduce((sum, ms) => sum + ms, 0)];
}

const refusals: Readonly<Record<string, LedUpdate>> = {
  unsigned: 'update-unsigned',
  replayed: 'update-unsigned',
  'not-next': 'update-unsigned',
  expired: 'update-unsigned',
  'no-trust': 'update-unsigned',
  damaged: 'update-damaged',
  malformed: 'update-damaged',
  mismatch: 'update-damaged',
  absent: 'update-damaged',
  'bad-list': 'update-damaged',
  'too-large': 'update-damaged',
  io: 'update-damaged',
  'no-room': 'update-no-room',
  'rolled-back': 'update-failed',
};

/** What the lamp says about an update; `why` on a refusal, as `matlang update apply --json` has it. */
export function ledUpdate(is: 'accepted' | 'refused' | 'done', why: string): LedUpdate {
  return is === 'refused' ? (refusals[why] ?? 'update-refused') : `update-${is}`;
}

/** For a driver on which blinking is dear: light means that it records and reaches the hub. */
export const ledSteady = (meaning: LedMeaning): boolean =>
  meaning === 'well' || meaning === 'watching' || meaning === 'update-done';
