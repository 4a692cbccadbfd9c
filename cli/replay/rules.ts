// Which rules a film is read by: a node's configuration, or the defaults; another sensitivity when asked; from which hour on.
import { access, readFile } from 'node:fs/promises';
import { faultLine, readNodeConfig } from '../../agent/core/config/read.ts';
import { type EventsConfig, eventsSchema, type MotionConfig, motionSchema } from '../../agent/core/config/schema.ts';
import type { Language } from '../language.ts';
import { words } from './words.ts';

export interface Rules {
  readonly motion: MotionConfig;
  readonly events: EventsConfig;
  /** When the film begins, for the hours of the zones; where nobody knows, every zone is armed. */
  readonly startsWallMs: number | null;
}

/** What is wrong with the file, in words, when it cannot be used. */
export async function rulesFrom(
  path: string | undefined,
  asked: { readonly sensitivity: number | undefined; readonly startsWallMs: number | null },
  language: Language,
): Promise<Rules | string> {
  const rules = await configured(path, language);
  if (typeof rules === 'string') return rules;
  const { motion, events } = rules;
  const sensitivity = asked.sensitivity ?? motion.sensitivity;
  return { motion: { ...motion, sensitivity }, events, startsWallMs: asked.startsWallMs };
}

async function configured(path: string | undefined, language: Language): Promise<Omit<Rules, 'startsWallMs'> | string> {
  if (path === undefined) return { motion: motionSchema.parse({}), events: eventsSchema.parse({}) };
  const readable = await access(path).then(
    () => true,
    () => false,
  );
  if (!readable) return words[language].noFile(path);
  const read = readNodeConfig(await readFile(path), path);
  return read.ok ? read.config : read.faults.map((fault) => faultLine(fault, language)).join('\n');
}
