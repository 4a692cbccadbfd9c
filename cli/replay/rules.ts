// Which rules a film is read by: a node's configuration, or the defaults; another sensitivity when asked.
import { access, readFile } from 'node:fs/promises';
import { faultLine, readNodeConfig } from '../../agent/core/config/read.ts';
import { type EventsConfig, eventsSchema, type MotionConfig, motionSchema } from '../../agent/core/config/schema.ts';
import type { Language } from '../language.ts';
import { words } from './words.ts';

export interface Rules {
  readonly motion: MotionConfig;
  readonly events: EventsConfig;
}

/** What is wrong with the file, in words, when it cannot be used. */
export async function rulesFrom(
  path: string | undefined,
  sensitivity: number | undefined,
  language: Language,
): Promise<Rules | string> {
  const rules = await configured(path, language);
  if (typeof rules === 'string' || sensitivity === undefined) return rules;
  return { ...rules, motion: { ...rules.motion, sensitivity } };
}

async function configured(path: string | undefined, language: Language): Promise<Rules | string> {
  if (path === undefined) return { motion: motionSchema.parse({}), events: eventsSchema.parse({}) };
  const readable = await access(path).then(
    () => true,
    () => false,
  );
  if (!readable) return words[language].noFile(path);
  const read = readNodeConfig(await readFile(path), path);
  return read.ok ? read.config : read.faults.map((fault) => faultLine(fault, language)).join('\n');
}
