import { type VitalsMessage, vitalsSchema } from '../protocol/vitals.ts';

/** A node's newest vitals, as `node` in the catalogue has them. Written by this hub after a check; a newer hub may have allowed more. */
export function readVitals(text: string | null): VitalsMessage {
  const read = vitalsSchema.safeParse(text === null ? {} : JSON.parse(text));
  return read.success ? read.data : {};
}
