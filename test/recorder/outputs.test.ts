// What the node switches, on pins that note when they were set: the limit of a siren holds by itself, a pin that does not obey is a fault, and nothing stays on.
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { configSchema } from '../../agent/core/config/schema.ts';
import { openOutputs } from '../../agent/recorder/outputs.ts';
import type { Pins } from '../../hal/ports.ts';
import { until } from '../support/until.ts';

interface Setting {
  readonly pin: number;
  readonly on: boolean;
  readonly atMs: number;
}

function stage(pins: object, obeys: () => boolean = () => true, monoMs = () => performance.now()) {
  const sets: Setting[] = [];
  const faults: string[] = [];
  const driver: Pick<Pins, 'driver' | 'blinks' | 'set'> = {
    ...{ driver: 'noted', blinks: false },
    set: async (pin, on) => {
      if (!obeys()) throw new Error('EIO');
      sets.push({ pin, on, atMs: performance.now() });
    },
  };
  const config = configSchema.parse({
    commune: 'xa',
    node: 'mat-01',
    title: 'Cổng',
    camera: { driver: 'scene' },
    pins,
  });
  const troubles = {
    raise: (code: string, text: string) => void faults.push(`${code} ${text}`),
    over: (code: string) => void faults.push(`${code} over`),
  };
  const opened = { ok: true, pins: driver as Pins } as const;
  const outputs = openOutputs(opened, config.pins, troubles as never, { monoMs });
  return { outputs, sets, faults, of: (pin: number) => sets.filter((each) => each.pin === pin) };
}
const siren = { siren: { pin: 25, on: ['panic'], secondsMax: 1 } };

test('an alarm of the named kind sounds, and the limit ends it though nobody ticks; the next alarm finds it at rest', async () => {
  const { outputs, of } = stage(siren);
  outputs.alarm('motion');
  await pause(50);
  assert.equal(
    of(25).map(({ on }) => on),
    [false],
    'off at the start, and not for motion',
  );
  outputs.alarm('panic');
  await until('the end of it', () => of(25).length === 3);
  const [, begun, over] = of(25);
  assert.equal([begun?.on, over?.on], [true, false]);
  const lastedMs = (over?.atMs ?? 0) - (begun?.atMs ?? 0);
  assert.ok(lastedMs >= 900 && lastedMs < 3000, `${lastedMs} ms`);
  outputs.alarm('panic');
  await pause(50);
  assert.is(of(25).length, 3);
  await outputs.close();
});

test('an officer’s word sounds at once, is cut to the limit, and ends by his word', async () => {
  const { outputs, of } = stage(siren);
  const sounding = outputs.sound('siren', { is: 'on', monoMs: performance.now(), forMs: 600_000 });
  assert.is(sounding?.name, 'sounding');
  if (sounding?.name === 'sounding') assert.is(Math.round(sounding.untilMonoMs - sounding.sinceMonoMs), 1000);
  outputs.sound('siren', { is: 'off', monoMs: performance.now() });
  await until('silence', () => of(25).at(-1)?.on === false);
  assert.is(outputs.sound('strobe', { is: 'on', monoMs: 0, forMs: 1 }), undefined, 'this node has none');
  await outputs.close();
});

test('a pin that does not obey is a fault until it does, and at the end everything is off', async () => {
  const wire = { isThere: false };
  const { outputs, faults, of } = stage({ ...siren, infrared: { pin: 5 } }, () => wire.isThere);
  await until('the fault', () => faults.some((each) => /pins-output pin \d+ cannot be set: Error: EIO/.test(each)));
  wire.isThere = true;
  outputs.alarm('panic');
  await until('its end', () => faults.includes('pins-output over'));
  assert.is(of(25).at(-1)?.on, true);
  await outputs.close();
  for (const pin of [25, 5]) assert.is(of(pin).at(-1)?.on, false, `pin ${pin}`);
});

test('the infrared lamp burns when the picture has been dark for a while', async () => {
  const clock = { monoMs: 0 };
  const { outputs, of } = stage({ infrared: { pin: 5, when: 'dark', darkLevel: 45 } }, undefined, () => clock.monoMs);
  const pixels = new Uint8Array(256).fill(10);
  // Half a minute is what the lamp waits.
  for (let second = 0; second < 60; second += 1) {
    clock.monoMs += 1000;
    outputs.see({ width: 16, height: 16, pixels, monoMs: clock.monoMs } as never);
    outputs.tick({} as never, null);
  }
  await until('the lamp', () => of(5).at(-1)?.on === true);
  await outputs.close();
  assert.is(of(5).at(-1)?.on, false);
});

test.run();
