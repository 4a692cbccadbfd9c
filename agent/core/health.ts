// From figures to faults: what is wrong with the board, with room between "wrong" and "well again" so that a figure on the edge is one fault, not a hundred.
import type { Vitals } from '../../hal/ports.ts';

export interface HealthSeen {
  readonly monoMs: number;
  readonly board: Vitals;
  /** Somebody vouches for the time. */
  readonly clockKnown: boolean;
}

export type HealthCode =
  | 'board-hot'
  | 'board-power'
  | 'board-throttled'
  | 'board-memory'
  | 'board-busy'
  | 'medium-errors'
  | 'clock-unknown';

export type HealthAction =
  | { readonly do: 'raise'; readonly code: HealthCode; readonly text: string }
  | { readonly do: 'over'; readonly code: HealthCode };

/** Since when each standing fault's cause has been absent; a fault without an entry stands and its cause too. */
export interface Health {
  readonly standing: Readonly<Partial<Record<HealthCode, { readonly wellSinceMonoMs: number | undefined }>>>;
}
export const healthAtStart: Health = { standing: {} };

/** Every Pi slows itself at 80 °C; a box in the sun that has cooled to 72 °C stays below it for a while. */
const hotC = 80;
const cooledC = 72;
/** Firmware bits of now (the firmware's get_throttled): under-voltage, and that the processor is capped, throttled or at the soft limit. */
const underVoltageBit = 1 << 0;
const slowedBits = 0b1110;
const memoryLowBytes = 48 * 1024 * 1024;
const memoryWellBytes = 80 * 1024 * 1024;
/** Runnable processes per core, as the mean of a quarter of an hour: an update or a backlog that drains is no fault. */
const busyLoadPerCore = 4;
const calmLoadPerCore = 2;
/** Before that the quarter of an hour was another's: of the start of the board, or of whatever ran here before this node. */
const busyAfterMs = 900_000;
/** Time sync needs a network, and that its minutes. */
const clockAfterS = 600;
/** A cause must have been gone for so long. */
const wellMs = 60_000;

interface Judged {
  readonly code: HealthCode;
  readonly wrong: boolean;
  /** Well beyond doubt; between the two nothing changes. */
  readonly well: boolean;
  readonly text: string;
}

export function healthStep(
  state: Health,
  seen: HealthSeen,
  cores: number,
): { state: Health; actions: readonly HealthAction[] } {
  const standing: Partial<Record<HealthCode, { wellSinceMonoMs: number | undefined }>> = {};
  const actions: HealthAction[] = [];
  for (const { code, wrong, well, text } of judge(seen, cores)) {
    const before = state.standing[code];
    if (before === undefined) {
      if (!wrong) continue;
      actions.push({ do: 'raise', code, text });
      standing[code] = { wellSinceMonoMs: undefined };
      continue;
    }
    const wellSinceMonoMs = well ? (before.wellSinceMonoMs ?? seen.monoMs) : undefined;
    if (wellSinceMonoMs !== undefined && seen.monoMs - wellSinceMonoMs >= wellMs) actions.push({ do: 'over', code });
    else standing[code] = { wellSinceMonoMs };
  }
  return { state: { standing }, actions };
}

/** What a board does not tell is neither wrong nor a reason to keep a fault. */
function judge({ monoMs, board, clockKnown }: HealthSeen, cores: number): readonly Judged[] {
  const { temperatureC, throttled, memory, load15, card, uptimeS } = board;
  const bits = throttled ?? 0;
  const free = memory.availableBytes;
  const load = load15 / Math.max(1, cores);
  const errors = card?.errors ?? 0;
  return [
    {
      code: 'board-hot',
      wrong: temperatureC !== null && temperatureC >= hotC,
      well: temperatureC === null || temperatureC < cooledC,
      text: `${temperatureC?.toFixed(1)} °C: the frame rate is lowered until it has cooled to ${cooledC} °C`,
    },
    {
      code: 'board-power',
      wrong: (bits & underVoltageBit) !== 0,
      well: (bits & underVoltageBit) === 0,
      text: 'under-voltage: power supply or cable are too weak',
    },
    {
      code: 'board-throttled',
      wrong: (bits & slowedBits) !== 0,
      well: (bits & slowedBits) === 0,
      text: `the board slows itself (get_throttled 0x${bits.toString(16)})`,
    },
    {
      code: 'board-memory',
      wrong: free < memoryLowBytes && memory.totalBytes > 0,
      well: free >= memoryWellBytes || memory.totalBytes === 0,
      text: `${Math.round(free / 1048576)} MiB of memory left`,
    },
    {
      code: 'board-busy',
      wrong: load >= busyLoadPerCore && monoMs >= busyAfterMs,
      well: load < calmLoadPerCore,
      text: `load ${load15} on ${cores} cores for a quarter of an hour`,
    },
    {
      code: 'medium-errors',
      wrong: errors > 0,
      well: errors === 0,
      text: `the card's file system has counted ${errors} errors`,
    },
    {
      code: 'clock-unknown',
      wrong: !clockKnown && uptimeS >= clockAfterS,
      well: clockKnown,
      text: `no time that can be trusted ${Math.round(uptimeS / 60)} minutes after the start`,
    },
  ];
}

export const isHot = (state: Health): boolean => state.standing['board-hot'] !== undefined;
