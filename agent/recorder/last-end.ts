// Reads how the recorder ended before, and leaves word for the next time. One small durable write a start and one a stop; where the card refuses, the word lies in
// the run folder, which is memory: good for a recorder that rests while its card is mended.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Disk } from '../../hal/ports.ts';
import { startCause } from '../core/last-end.ts';
import { writeDurable } from '../write-durable.ts';

const noteSchema = z.strictObject({ bootId: z.string().max(64), orderly: z.boolean() });
type Note = z.infer<typeof noteSchema>;
const noteName = 'last-run.json';

export interface LastEndPlace {
  readonly dataDir: string;
  /** Where `ExecStopPost=` of the service leaves systemd's words: `result code status`. */
  readonly runDir: string;
  /** Where /proc and /sys hang. */
  readonly root?: string;
}

export interface Lives {
  readonly began: ReturnType<typeof startCause>;
  /** Everything has been finished. */
  endOrderly(): Promise<void>;
}

export async function openLives(disk: Disk, place: LastEndPlace): Promise<Lives> {
  const root = place.root ?? '/';
  const path = join(place.dataDir, noteName);
  const memoryPath = join(place.runDir, noteName);
  const text = (at: string) => readFile(at, 'utf8').catch(() => undefined);
  const bootIdNow = (await text(join(root, 'proc/sys/kernel/random/boot_id')))?.trim();
  const inMemory = readNote(await text(memoryPath));
  await rm(memoryPath, { force: true }).catch(() => undefined);
  const onCard = await disk.read(path).then(
    (bytes) => readNote(Buffer.from(bytes).toString('utf8')),
    () => undefined,
  );
  const before = inMemory ?? onCard;
  const bits = Number((await text(join(root, 'sys/class/watchdog/watchdog0/bootstatus')))?.trim() ?? Number.NaN);
  const began = startCause({
    bootIdBefore: before?.bootId,
    bootIdNow,
    orderly: before?.orderly ?? false,
    service: serviceWords(await text(join(place.runDir, 'recorder-ended'))),
    watchdogBits: Number.isNaN(bits) ? undefined : bits,
  });
  const write = async (orderly: boolean) => {
    const note: Note = { bootId: bootIdNow ?? '', orderly };
    const line = `${JSON.stringify(note)}\n`;
    await writeDurable(disk, path, Buffer.from(line)).catch(() => writeFile(memoryPath, line).catch(() => undefined));
  };
  await write(false);
  return { began, endOrderly: () => write(true) };
}

function readNote(text: string | undefined): Note | undefined {
  try {
    return noteSchema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

function serviceWords(text: string | undefined): Parameters<typeof startCause>[0]['service'] {
  const [result, code = '', status = ''] = (text ?? '').trim().split(/\s+/);
  return result === undefined || result === '' ? undefined : { result, code, status };
}
