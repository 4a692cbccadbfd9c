// What the status lamp says without a screen. docs/guide/den-bao.md shows the same table to the technician.

/** From the gravest to the best; the first that holds is shown. */
export const ledMeanings = ['broken', 'starting', 'watching', 'warned', 'offline', 'well'] as const;
export type LedMeaning = (typeof ledMeanings)[number];

export interface LedSeen {
  /** No picture since the start. */
  readonly starting: boolean;
  /** Codes of the standing faults. */
  readonly faults: readonly string[];
  readonly online: boolean;
  /** An event goes on. */
  readonly eventOn: boolean;
}

/** ms on, off, on, off …, over and over; one number is steady light. */
export const ledPatterns: Readonly<Record<LedMeaning, readonly number[]>> = {
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

export function ledMeaning({ starting, faults, online, eventOn }: LedSeen): LedMeaning {
  if (faults.some((code) => code.startsWith('camera-') || code.startsWith('card-'))) return 'broken';
  if (starting) return 'starting';
  if (eventOn) return 'watching';
  if (faults.length > 0) return 'warned';
  return online ? 'well' : 'offline';
}

/** For a driver on which blinking is dear: light means that it records and reaches the hub. */
export const ledSteady = (meaning: LedMeaning): boolean => meaning === 'well' || meaning === 'watching';
