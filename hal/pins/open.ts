// The first pin driver that works here, or why none does.
import type { PinsOpened } from '../ports.ts';
import { type OnoffPlace, openOnoff } from './onoff.ts';
import { openSimPins } from './sim.ts';

export interface PinsPlace extends OnoffPlace {
  /** A folder of simulated pins (sim.ts); set, it is used instead of the board's. */
  readonly simFolder?: string;
}

export async function openPins(place: PinsPlace): Promise<PinsOpened> {
  if (place.simFolder !== undefined) return { ok: true, pins: await openSimPins(place.simFolder, place.monoMs) };
  return await openOnoff(place);
}
