// Pins through onoff (sysfs). Its native part may be missing or built for another runtime; that is a state, not a crash.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { Gpio as OnoffGpio } from 'onoff';
import type { Pins, PinsOpened } from '../ports.ts';
import { findChip } from './chip.ts';
import { collectEdges, type Edges } from './edges.ts';

export interface OnoffPlace {
  /** /sys, or another folder in tests. onoff itself always writes to the real one. */
  readonly sysRoot?: string;
  readonly load?: () => Promise<{ Gpio: typeof OnoffGpio }>;
  /** The pins that will be used: where all of them are exported already (matlang-pins.service), the right to export is not needed. */
  readonly wanted?: readonly number[];
  /** The clock edges are told in: the recorder's own. */
  readonly monoMs: () => number;
}

export async function openOnoff(place: OnoffPlace): Promise<PinsOpened> {
  const sysRoot = place.sysRoot ?? '/sys';
  const chip = await findChip(sysRoot);
  if (!chip.ok) return chip;
  const loaded = await (place.load ?? (() => import('onoff')))().catch((error: unknown) => String(error));
  if (typeof loaded === 'string') {
    return { ok: false, why: 'no-module', text: `onoff cannot be loaded: ${loaded.split('\n')[0]}` };
  }
  const { Gpio } = loaded;
  const wanted = place.wanted ?? [];
  const missing = Gpio.accessible ? [] : wanted.filter((pin) => !isOurs(valueFile(sysRoot, chip.base + pin)));
  if (missing.length > 0 || (!Gpio.accessible && wanted.length === 0)) {
    const text = `this user may not export pins, and ${missing.length === 0 ? 'none' : missing.join(', ')} ${missing.length === 0 ? 'is asked for' : 'has not been exported for it (matlang-pins.service)'}`;
    return { ok: false, why: 'denied', text };
  }
  return { ok: true, pins: onoffPins(Gpio, chip.base, `onoff, ${chip.label} from ${chip.base}`, place.monoMs) };
}

function onoffPins(Gpio: typeof OnoffGpio, base: number, driver: string, monoMs: () => number): Pins {
  const outputs = new Map<number, OnoffGpio>();
  return {
    driver,
    blinks: true,
    async *watch(pins, signal) {
      const edges = collectEdges(new Map(pins.map((one) => [one.pin, one.debounceMs])), monoMs, signal);
      const opened: OnoffGpio[] = [];
      const loop = watchLoop(monoMs);
      try {
        for (const { pin, activeLow } of pins) {
          const gpio = new Gpio(base + pin, 'in', 'both');
          opened.push(gpio);
          const read = readings(edges, pin, monoMs, loop.freeMs);
          // A read that fails leaves the level as it was; the next edge brings the next read.
          gpio.watch((error, value) => {
            if (error === null || error === undefined) read((value === Gpio.HIGH) !== activeLow);
          });
          read((gpio.readSync() === Gpio.HIGH) !== activeLow);
        }
        yield* edges;
      } finally {
        loop.stop();
        for (const gpio of opened) gpio.unexport();
      }
    },
    set: async (pin, on) => {
      const known = outputs.get(pin);
      const gpio = known ?? new Gpio(base + pin, on ? 'high' : 'low');
      outputs.set(pin, gpio);
      if (known !== undefined) await gpio.write(on ? Gpio.HIGH : Gpio.LOW);
    },
    close: async () => {
      for (const gpio of outputs.values()) {
        await gpio.write(Gpio.LOW);
        gpio.unexport();
      }
      outputs.clear();
    },
  };
}

/**
 * sysfs tells that there was an edge, and the level as it is by the time we look. The same level twice is a contact that went over and came back unseen: it may have
 * stood so since the last look, or since the loop was last free to look. Short of the debounce time it is a bounce, as always.
 */
function readings(edges: Edges, pin: number, monoMs: () => number, freeMs: () => number): (active: boolean) => void {
  let last: { readonly active: boolean; readonly atMs: number } | undefined;
  return (active) => {
    const atMs = monoMs();
    if (last?.active === active) edges.level(pin, !active, Math.max(last.atMs, freeMs()));
    edges.level(pin, active, atMs);
    last = { active, atMs };
  };
}

/** Below the usual debounce time, so that a free loop never makes a press of a bounce. */
const loopEveryMs = 20;
/** How long after the loop was late its edges may still be on their way: another thread waits for them. */
const settleMs = 200;

/** When the event loop was last known to be free: what came since may have had to wait. */
function watchLoop(monoMs: () => number): { readonly freeMs: () => number; readonly stop: () => void } {
  let lastMs = monoMs();
  let freeMs = lastMs;
  let lateMs = lastMs - settleMs;
  const ticks = setInterval(() => {
    const atMs = monoMs();
    const dueMs = lastMs + loopEveryMs;
    if (atMs - dueMs > loopEveryMs) lateMs = atMs;
    if (atMs - lateMs >= settleMs) freeMs = Math.min(dueMs, atMs);
    lastMs = atMs;
  }, loopEveryMs).unref();
  return { freeMs: () => freeMs, stop: () => clearInterval(ticks) };
}

const valueFile = (sysRoot: string, gpio: number): string => join(sysRoot, `class/gpio/gpio${gpio}/value`);

function isOurs(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
