// The first pin driver that works here, or why none does: onoff (no process an edge), else the gpiod tools.
import type { PinsOpened } from '../ports.ts';
import { openGpiod } from './gpiod.ts';
import { type OnoffPlace, openOnoff } from './onoff.ts';
import { openSimPins } from './sim.ts';

export interface PinsPlace extends OnoffPlace {
  /** A folder of simulated pins (sim.ts); set, it is used instead of the board's. */
  readonly simFolder?: string;
  /** Where the gpiod tools are looked for. */
  readonly env?: NodeJS.ProcessEnv;
}

export async function openPins(place: PinsPlace): Promise<PinsOpened> {
  if (place.simFolder !== undefined) return { ok: true, pins: await openSimPins(place.simFolder, place.monoMs) };
  const onoff = await openOnoff(place);
  if (onoff.ok) return onoff;
  const gpiod = await openGpiod(place);
  if (gpiod.ok) return gpiod;
  // The nearest miss first: a chip that may not be used says more than an absent tool.
  return { ok: false, why: onoff.why, text: `${onoff.text}; ${gpiod.text}` };
}
