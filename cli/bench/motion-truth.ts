// truth.json: what is known to happen in the films of a folder. Written by hand, so read with distrust and answered with place, rule and value.
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import * as z from 'zod';

const seconds = z.number({ error: 'must be a number of seconds' }).min(0, { error: 'must be at least 0' });
const relative = (what: string) =>
  z
    .string({ error: `must be the name of ${what}` })
    .min(1, { error: `must be the name of ${what}` })
    .refine((path) => !isAbsolute(path) && !normalize(path).startsWith('..'), {
      error: 'must lie in the folder itself',
    });
const event = z
  .object({ startS: seconds, endS: seconds }, { error: 'must be { "startS", "endS" }' })
  .refine(({ startS, endS }) => endS > startS, { path: ['endS'], error: 'must be more than startS' });
const film = z.object(
  {
    file: relative('a film'),
    /** How far the edges that were noted may be off. */
    toleranceS: seconds,
    /** One presence: it may not have gaps longer than `toleranceS`. */
    continuous: z.boolean({ error: 'must be true or false' }).default(false),
    events: z.array(event, { error: 'must be a list of events, [] for none' }),
    /** Folder with a PNG or PGM picture for each picture of the film, in order: 255 is a subject, 85 and 170 are not judged, all else is not one (as in CDnet 2014). */
    masks: relative('a folder').optional(),
  },
  { error: 'must be { "file", "toleranceS", "events" }' },
);
const truth = z.array(film, { error: 'must be a list of films' }).min(1, { error: 'must name at least one film' });
export type FilmTruth = z.infer<typeof film>;

export type TruthRead =
  | { readonly ok: true; readonly films: readonly FilmTruth[] }
  | { readonly ok: false; readonly faults: readonly string[] };

/** A folder of films is no larger than this in words. */
const bytesMax = 4 * 1024 * 1024;

export async function readTruth(dir: string): Promise<TruthRead> {
  const path = join(dir, 'truth.json');
  const bytes = await readFile(path).catch((error: unknown) => error);
  if (!(bytes instanceof Uint8Array))
    return { ok: false, faults: [`${path} cannot be read: ${bytes instanceof Error ? bytes.message : String(bytes)}`] };
  if (bytes.length > bytesMax)
    return { ok: false, faults: [`${path} must be at most 4 MiB, not ${bytes.length} bytes`] };
  return parseTruth(new TextDecoder().decode(bytes), path);
}

export function parseTruth(text: string, path: string): TruthRead {
  const json = jsonOf(text);
  if (!json.ok) return { ok: false, faults: [`${path}: ${json.why}`] };
  const read = truth.safeParse(json.value);
  if (read.success) return { ok: true, films: read.data };
  const faults = read.error.issues.map((issue) => {
    const value = issue.path.reduce(below, json.value);
    return `${path}: ${placeOf(issue.path)}${issue.message}, not ${shown(value)}`;
  });
  return { ok: false, faults };
}

function jsonOf(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (cause) {
    return { ok: false, why: `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

/** `[1].events[0].endS ` */
function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at === 0 ? '' : '.'}${String(key)}`));
  return place.length === 0 ? '' : `${place.join('')} `;
}

function below(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
