// Opens the small bodies that the catalogue needs to tell what happened. Pictures stay sealed until someone looks.
import type { z } from 'zod';
import {
  type CoverageDetails,
  coverageDetailsSchema,
  type EventDetails,
  eventDetailsSchema,
  type FaultDetails,
  faultDetailsSchema,
  type TombstoneDetails,
  tombstoneDetailsSchema,
} from '../protocol/details.ts';
import { sha256 } from '../protocol/sign.ts';
import type { Entry } from './examine.ts';

/** Opens an age file; rejects when it is not for us, cut short or altered. */
export type Open = (sealed: Uint8Array) => Promise<Uint8Array>;

export type Details =
  | { is: 'none' }
  | { is: 'event'; event: EventDetails }
  | { is: 'fault'; fault: FaultDetails }
  | { is: 'tombstone'; tombstone: TombstoneDetails }
  | { is: 'coverage'; coverage: CoverageDetails }
  /** There should be details, but they cannot be read: sealed for someone else, or not of the agreed shape. */
  | { is: 'unreadable'; why: string };

export const hasDetails = (entry: Entry): boolean =>
  entry.is === 'record' &&
  ['event', 'fault', 'tombstone', 'coverage'].includes(entry.manifest.kind) &&
  entry.body !== undefined;

export async function openDetails(entry: Entry, sealed: Uint8Array, open: Open): Promise<Details> {
  if (entry.is !== 'record' || !hasDetails(entry)) return { is: 'none' };
  const plain = await open(sealed).catch(() => undefined);
  if (plain === undefined) return { is: 'unreadable', why: 'not sealed for this hub' };
  if (sha256(plain) !== entry.manifest.body?.plainSha256) return { is: 'unreadable', why: 'plain hash does not hold' };
  switch (entry.manifest.kind) {
    case 'event':
      return read(plain, eventDetailsSchema, (event) => ({ is: 'event', event }));
    case 'fault':
      return read(plain, faultDetailsSchema, (fault) => ({ is: 'fault', fault }));
    case 'coverage':
      return read(plain, coverageDetailsSchema, (coverage) => ({ is: 'coverage', coverage }));
    default:
      return read(plain, tombstoneDetailsSchema, (tombstone) => ({ is: 'tombstone', tombstone }));
  }
}

function read<T>(plain: Uint8Array, schema: z.ZodType<T>, as: (details: T) => Details): Details {
  try {
    const shaped = schema.safeParse(JSON.parse(Buffer.from(plain).toString('utf8')));
    return shaped.success ? as(shaped.data) : { is: 'unreadable', why: 'not of the agreed shape' };
  } catch {
    return { is: 'unreadable', why: 'not JSON' };
  }
}
