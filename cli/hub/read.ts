import { readFile } from 'node:fs/promises';
import { faultLine } from '../../agent/core/config/read.ts';
import { type HubConfig, readHubConfig } from '../../hub/config.ts';
import type { Language } from '../language.ts';

/** Undefined when the configuration is faulty: every fault has been told, and the exit code set. */
export async function readHubOrComplain(path: string, language: Language): Promise<HubConfig | undefined> {
  const read = readHubConfig(await readFile(path), path);
  if (read.ok) return read.config;
  for (const fault of read.faults) process.stderr.write(`${faultLine(fault, language)}\n`);
  process.exitCode = 1;
  return undefined;
}
