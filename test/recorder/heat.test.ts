// A box in the sun: what the thermometer says reaches the camera as half the frame rate, and back when it has cooled; a thermometer that cannot be read changes nothing.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nowName } from '../../agent/recorder/now-file.ts';
import { openVitals, type VitalsWorld } from '../../agent/recorder/vitals.ts';
import type { CameraInventory, Vitals } from '../../hal/ports.ts';

const well: Vitals = {
  ...{ temperatureC: 50, throttled: 0, load1: 0, load15: 0, uptimeS: 1000, card: null },
  memory: { totalBytes: 1e9, availableBytes: 5e8 },
};
const off = { state: 'off', text: '' } as const;
const inventory: CameraInventory = { driver: 'noted', recipe: 'one', left: [], restarts: 0, pids: [] };

/** Half a minute between two looks; undefined is a board that cannot be read. */
async function lookAt(temperatures: readonly (number | null | undefined)[]) {
  const runDir = mkdtempSync(join(tmpdir(), 'matlang-heat-'));
  const leaving = new AbortController();
  const paces: string[] = [];
  const told: string[] = [];
  const said: object[] = [];
  const waiting = [...temperatures];
  let looks = 0;
  const world = {
    board: {
      vitals: async () => {
        if (waiting.length === 1) leaving.abort();
        const temperatureC = waiting.shift();
        if (temperatureC === undefined) throw new Error('EIO');
        return { ...well, temperatureC };
      },
    },
    camera: { inventory: () => inventory, pace: (pace) => void paces.push(pace) },
    ...{
      cores: 4,
      began: { cause: 'test', text: '' },
      sound: { state: () => ({ keyword: off, bang: off }) },
      pins: { ok: false, why: 'no-chip', text: '' } as const,
    },
    troubles: {
      raise: (code, text) => void told.push(`${code}: ${text}`),
      over: (code) => void told.push(`${code} over`),
      note: (code) => void told.push(`${code} noted`),
      ...{ standing: () => [], count: () => 0 },
    },
    local: { tell: (word: object) => void said.push(word) } as VitalsWorld['local'],
    ...{ counts: () => ({}), append: async () => Promise.reject(new Error('nothing is written')), runDir },
    now: () => ({ monoMs: looks++ * 30_000, wallMs: 1, clock: 'ntp', errorMs: 1 }),
    software: { look: async () => undefined } as VitalsWorld['software'],
    release: '0.1.0',
  } as VitalsWorld;
  await openVitals(world).run(1, leaving.signal);
  const now = JSON.parse(readFileSync(join(runDir, nowName), 'utf8'));
  rmSync(runDir, { recursive: true });
  return { paces, told, said, now };
}

test('at 80 °C the camera is told half its rate, and the whole again a minute after it is below 72 °C', async () => {
  const { paces, told, said, now } = await lookAt([60, 79.9, 80, 85, 75, 71, 71, 71, 75]);
  assert.equal(paces, ['whole', 'whole', 'half', 'half', 'half', 'half', 'half', 'whole', 'whole']);
  assert.is(told.length, 2, told.join());
  assert.match(told[0] ?? '', /^board-hot: 80\.0 °C: the frame rate is lowered/);
  assert.is(told[1], 'board-hot over');
  assert.is(said.length, 9, 'the hub is told at every look');
  assert.is(now.board.temperatureC, 75);
});

test('a board that cannot be read is told, and the rate stays what it was', async () => {
  const { paces, told } = await lookAt([82, undefined, 82]);
  assert.equal(paces, ['half', 'half']);
  assert.is(told[1], 'vitals noted');
});

test('a board without a thermometer is never slowed', async () => {
  assert.equal((await lookAt([null, null])).paces, ['whole', 'whole']);
});

test.run();
