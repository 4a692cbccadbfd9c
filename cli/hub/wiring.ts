// What hangs on the header of a point, by name, as the wiring page draws it (docs/guide/noi-day.md): a card that is made for a point knows its pins.
import type { z } from 'zod';
import type { pinsSchema } from '../../agent/core/config/pins-schema.ts';

type Pins = z.input<typeof pinsSchema>;

const inputs = {
  panic: { pin: 17, trigger: 'panic' },
  tamper: { pin: 27, trigger: 'tamper' },
  fire: { pin: 22, trigger: 'fire' },
  pir: { pin: 23, trigger: 'pir', activeLow: false },
  door: { pin: 26, trigger: 'door' },
} as const;
const outputs = {
  status: { statusPin: 24 },
  lamp: { lampPin: 12 },
  infrared: { infrared: { pin: 5, when: 'dark' } },
  siren: { siren: { pin: 25, on: ['panic', 'fire'], secondsMax: 60 } },
  strobe: { strobe: { pin: 6, on: ['panic', 'fire'] } },
} satisfies Record<string, Pins>;

export type Part = keyof typeof inputs | keyof typeof outputs;
export const parts = [...Object.keys(inputs), ...Object.keys(outputs)] as Part[];
/** Every point has them: by these the technician knows that it works, and so does the village. */
export const usualParts: readonly Part[] = ['panic', 'status'];

const isInput = (part: Part): part is keyof typeof inputs => Object.hasOwn(inputs, part);

/** In the order of the page, each once. */
export function pinsOf(wired: readonly Part[]): Pins {
  const there = parts.filter((part) => wired.includes(part));
  const ins = there.flatMap((part) => (isInput(part) ? [inputs[part]] : []));
  const outs = there.flatMap((part) => (isInput(part) ? [] : [outputs[part]]));
  return Object.assign({ inputs: ins }, ...outs);
}
