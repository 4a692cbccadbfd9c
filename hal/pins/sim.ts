// Pins that are files: `in-17` holds the level of pin 17 (0 or 1) and may be written by anyone, `out-22` shows what we set. For demo, tests and rehearsals.
import { type FSWatcher, watch as watchFolder } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pins } from '../ports.ts';
import { collectEdges } from './edges.ts';

export async function openSimPins(folder: string, monoMs: () => number): Promise<Pins> {
  await mkdir(folder, { recursive: true });
  return {
    driver: `sim in ${folder}`,
    blinks: true,
    async *watch(pins, signal) {
      const edges = collectEdges(new Map(pins.map((one) => [one.pin, one.debounceMs])), monoMs, signal);
      // An absent file is an open contact: its pull resistor keeps it at the inactive level.
      const look = async ({ pin, activeLow }: { pin: number; activeLow: boolean }) => {
        const text = await readFile(inputFile(folder, pin), 'utf8').catch(() => '');
        const level = text.trim();
        if (level === '0' || level === '1') edges.level(pin, (level === '1') !== activeLow);
        else edges.level(pin, false);
      };
      // One look after the other: of two under way at once the older may end last, and its level would stand.
      let looks = Promise.resolve();
      let isAsked = false;
      const lookAll = () => {
        if (isAsked) return looks;
        isAsked = true;
        looks = looks.then(async () => {
          isAsked = false;
          await Promise.all(pins.map(look));
        });
        return looks;
      };
      const watcher: FSWatcher = watchFolder(folder, () => void lookAll());
      try {
        await lookAll();
        yield* edges;
      } finally {
        watcher.close();
      }
    },
    set: async (pin, on) => {
      const path = join(folder, `out-${pin}`);
      await writeFile(`${path}.new`, on ? '1' : '0');
      await rename(`${path}.new`, path);
    },
    close: () => Promise.resolve(),
  };
}

export const inputFile = (folder: string, pin: number): string => join(folder, `in-${pin}`);
