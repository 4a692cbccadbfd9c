// What the node switches: status lamp, infrared lamp, siren and strobe. A pin that does not obey is a fault, and never waits for a picture or makes one wait.
import type { Clock, GreyFrame, PinsOpened } from '../../hal/ports.ts';
import type { Trigger } from '../../protocol/manifest.ts';
import { readHours } from '../core/config/hours.ts';
import type { NodeConfig } from '../core/config/schema.ts';
import { type Infrared, infraredAtStart, infraredStep, isLit } from '../core/infrared.ts';
import { type LedSeen, ledMeaning, ledPatterns, ledSteady } from '../core/led.ts';
import { type Sounder, type SounderSeen, sounderAtStart, sounderStep } from '../core/sounder.ts';
import type { Troubles } from './troubles.ts';

export type SounderName = 'siren' | 'strobe';

export interface Outputs {
  /** An event has begun at, or risen to, the level of alarm. */
  alarm(trigger: Trigger): void;
  /** Undefined where this node has no such thing. */
  sound(name: SounderName, seen: SounderSeen): Sounder | undefined;
  /** Every analysed picture. */
  see(frame: GreyFrame): void;
  /** At least once a second. */
  tick(seen: LedSeen, wallMs: number | null): void;
  /** Everything off. Resolves when the last pin has been set. */
  close(): Promise<void>;
}

/** Brightness changes slowly, and every pixel of every picture would cost more than it tells. */
const lookEveryMs = 2000;
const pixelStep = 16;

export function openOutputs(
  opened: PinsOpened,
  config: NodeConfig['pins'],
  troubles: Pick<Troubles, 'raise' | 'over'>,
  clock: Pick<Clock, 'monoMs'>,
): Outputs {
  const set = openSetter(opened, troubles);
  const sounders = openSounders(config, set, clock);
  const infrared = openInfrared(config, set);
  const led = openLed(opened, config.statusPin, set);
  const used = [config.statusPin, config.lampPin, config.infrared.pin, config.siren.pin, config.strobe.pin];
  // A recorder that was killed may have left something on.
  for (const pin of used) if (pin !== null) set.to(pin, false);

  return {
    alarm: (trigger) => {
      for (const name of ['siren', 'strobe'] as const) {
        const on: readonly Trigger[] = config[name].on;
        if (on.includes(trigger)) sounders.see(name, { is: 'alarm', monoMs: clock.monoMs() });
      }
    },
    sound: sounders.see,
    see: infrared.see,
    tick: (seen, wallMs) => {
      for (const name of ['siren', 'strobe'] as const) sounders.see(name, { is: 'tick', monoMs: clock.monoMs() });
      infrared.tick(clock.monoMs(), wallMs);
      led.show(seen);
    },
    close: async () => {
      led.stop();
      for (const pin of used) if (pin !== null) set.to(pin, false);
      await set.settled();
    },
  };
}

interface Setter {
  to(pin: number, on: boolean): void;
  settled(): Promise<void>;
}

/** Newest wish wins: a slow driver is never asked for what is no longer wanted. Bound: one wish a pin. */
function openSetter(opened: PinsOpened, troubles: Pick<Troubles, 'raise' | 'over'>): Setter {
  const wishes = new Map<number, boolean>();
  let going: Promise<void> | undefined;
  const work = async () => {
    for (let [next] = wishes; next !== undefined; [next] = wishes) {
      const [pin, on] = next;
      wishes.delete(pin);
      if (!opened.ok) {
        troubles.raise('pins-output', `outputs do not work: ${opened.text}`);
        continue;
      }
      await opened.pins.set(pin, on).then(
        () => troubles.over('pins-output'),
        (error: unknown) => troubles.raise('pins-output', `pin ${pin} cannot be set: ${String(error)}`),
      );
    }
    going = undefined;
  };
  return {
    to: (pin, on) => {
      wishes.set(pin, on);
      going ??= work();
    },
    settled: async () => {
      await going;
    },
  };
}

function openSounders(config: NodeConfig['pins'], set: Setter, clock: Pick<Clock, 'monoMs'>) {
  const states = new Map<SounderName, Sounder>();
  const see: Outputs['sound'] = (name, seen) => {
    const { pin, secondsMax } = config[name];
    if (pin === null) return undefined;
    const before = states.get(name) ?? sounderAtStart;
    const after = sounderStep(before, seen, { msMax: secondsMax * 1000 });
    states.set(name, after);
    if (before.name !== after.name) set.to(pin, after.name === 'sounding');
    // The limit does not wait for the next tick, nor for a recorder that is busy.
    if (before.name !== after.name && after.name === 'sounding') {
      const timer = setTimeout(() => see(name, { is: 'tick', monoMs: clock.monoMs() }), secondsMax * 1000 + 5);
      timer.unref();
    }
    return after;
  };
  return { see };
}

function openInfrared(config: NodeConfig['pins'], set: Setter) {
  const { pin, when, darkLevel, hours } = config.infrared;
  const read = readHours(hours);
  const rules = { when, darkLevel, spans: read.ok ? read.spans : [] };
  const at = { state: infraredAtStart as Infrared, brightness: undefined as number | undefined, lookedMonoMs: 0 };
  return {
    see: ({ pixels, monoMs }: GreyFrame) => {
      if (pin === null || (at.brightness !== undefined && monoMs - at.lookedMonoMs < lookEveryMs)) return;
      at.lookedMonoMs = monoMs;
      let sum = 0;
      for (let index = 0; index < pixels.length; index += pixelStep) sum += pixels[index] ?? 0;
      at.brightness = sum / Math.ceil(pixels.length / pixelStep);
    },
    tick: (monoMs: number, wallMs: number | null) => {
      if (pin === null) return;
      const before = isLit(at.state);
      at.state = infraredStep(at.state, { monoMs, wallMs, brightness: at.brightness }, rules);
      if (before !== isLit(at.state)) set.to(pin, isLit(at.state));
    },
  };
}

function openLed(opened: PinsOpened, pin: number | null, set: Setter) {
  const at = { pattern: [] as readonly number[], step: 0, lit: false };
  let timer: NodeJS.Timeout | undefined;
  const light = (on: boolean) => {
    if (pin !== null && at.lit !== on) set.to(pin, on);
    at.lit = on;
  };
  const next = () => {
    light(at.step % 2 === 0);
    const ms = at.pattern[at.step] ?? 1000;
    at.step = (at.step + 1) % at.pattern.length;
    timer = at.pattern.length > 1 ? setTimeout(next, ms) : undefined;
  };
  return {
    show: (seen: LedSeen) => {
      if (pin === null || !opened.ok) return;
      const meaning = ledMeaning(seen);
      if (!opened.pins.blinks) return light(ledSteady(meaning));
      if (at.pattern === ledPatterns[meaning]) return;
      clearTimeout(timer);
      at.pattern = ledPatterns[meaning];
      at.step = 0;
      next();
    },
    stop: () => clearTimeout(timer),
  };
}
