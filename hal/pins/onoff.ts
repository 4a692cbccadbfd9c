// Pins through onoff (sysfs). Its native part may be missing or built for another runtime; that is a state, not a crash.
import type { Gpio as OnoffGpio } from 'onoff';
import type { Pins, PinsOpened } from '../ports.ts';
import { findChip } from './chip.ts';
import { collectEdges } from './edges.ts';

export interface OnoffPlace {
  /** /sys, or another folder in tests. onoff itself always writes to the real one. */
  readonly sysRoot?: string;
  readonly load?: () => Promise<{ Gpio: typeof OnoffGpio }>;
  /** The clock edges are told in: the recorder's own. */
  readonly monoMs: () => number;
}

export async function openOnoff(place: OnoffPlace): Promise<PinsOpened> {
  const chip = await findChip(place.sysRoot ?? '/sys');
  if (!chip.ok) return chip;
  const loaded = await (place.load ?? (() => import('onoff')))().catch((error: unknown) => String(error));
  if (typeof loaded === 'string') {
    return { ok: false, why: 'no-module', text: `onoff cannot be loaded: ${loaded.split('\n')[0]}` };
  }
  const { Gpio } = loaded;
  if (!Gpio.accessible) return { ok: false, why: 'denied', text: 'this user may not write /sys/class/gpio/export' };
  return { ok: true, pins: onoffPins(Gpio, chip.base, `onoff, ${chip.label} from ${chip.base}`, place.monoMs) };
}

function onoffPins(Gpio: typeof OnoffGpio, base: number, driver: string, monoMs: () => number): Pins {
  const outputs = new Map<number, OnoffGpio>();
  return {
    driver,
    async *watch(pins, signal) {
      const edges = collectEdges(new Map(pins.map((one) => [one.pin, one.debounceMs])), monoMs, signal);
      const opened: OnoffGpio[] = [];
      try {
        for (const { pin, activeLow } of pins) {
          const gpio = new Gpio(base + pin, 'in', 'both');
          opened.push(gpio);
          // A read that fails leaves the level as it was; the next edge brings the next read.
          gpio.watch((error, value) => {
            if (error === null || error === undefined) edges.level(pin, (value === Gpio.HIGH) !== activeLow);
          });
          edges.level(pin, (gpio.readSync() === Gpio.HIGH) !== activeLow);
        }
        yield* edges;
      } finally {
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
