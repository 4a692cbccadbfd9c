// When the infrared filter goes in and out, and how the exposure hunts for a second or two after.
import { dice } from './random.ts';

export interface Sight {
  readonly infrared: boolean;
  /** What the exposure makes of the light just now; 1 once it has settled. */
  readonly gain: number;
  /** Light that a wrong black level adds. */
  readonly veil: number;
}

/** Once in every slot, somewhere in its middle half: the filter stays for 75 to 225 s. */
const slotS = 150;

/** The seconds of the first `count` switches; the first takes the filter away. */
export function switchSeconds(seed: number, count: number): number[] {
  return Array.from({ length: count }, (_, slot) => switchS(seed, slot));
}

function switchS(seed: number, slot: number): number {
  return (slot + dice(seed, 80, slot).from(0.25, 0.75)) * slotS;
}

export function sightAt(seed: number, strength: number, second: number): Sight {
  const slot = Math.floor(second / slotS);
  const here = switchS(seed, slot);
  const done = second >= here ? slot + 1 : slot;
  const infrared = done % 2 === 1;
  if (done === 0) return { infrared, gain: 1, veil: 0 };
  const chance = dice(seed, 81, done);
  const sinceS = second - (done > slot ? here : switchS(seed, slot - 1));
  const settleS = chance.from(0.3, 0.55);
  const rest = Math.exp(-sinceS / settleS);
  if (rest < 0.01) return { infrared, gain: 1, veil: 0 };
  // Without its filter the sensor is flooded; with it back everything is dark at first.
  const stops = (infrared ? 1 : -1) * chance.from(1.6, 2.6) * strength * rest * Math.cos(sinceS * chance.from(3.5, 6));
  return { infrared, gain: 2 ** stops, veil: infrared ? 0.03 * strength * rest : 0 };
}
