import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keepTime } from '../../agent/keep-time.ts';
import { type BoardClockRules, openBoardClock } from '../../hal/clock.ts';

const test = suite('hal/clock');
const floorMs = Date.UTC(2026, 0, 1);
const later = floorMs + 1_000_000;
const roots: string[] = [];

/** A machine whose /run and /sys say what they are told to, and whose clocks stand where they are put. */
async function machine(tells: { synced?: boolean; rtc?: boolean }, rules: Partial<BoardClockRules> = {}) {
  const root = await mkdtemp(join(tmpdir(), 'matlang-clock-'));
  roots.push(root);
  const sync = async () => {
    await mkdir(join(root, 'run/systemd/timesync'), { recursive: true });
    await writeFile(join(root, 'run/systemd/timesync/synchronized'), '');
  };
  if (tells.synced === true) await sync();
  if (tells.rtc === true) await mkdir(join(root, 'sys/class/rtc/rtc0'), { recursive: true });
  const time = { wallMs: later, steadyMs: 5000 };
  const board = openBoardClock({
    trust: 'auto',
    root,
    wall: () => time.wallMs,
    steady: () => time.steadyMs,
    ...rules,
  });
  const clock = keepTime(board, floorMs);
  return { clock, time, sync };
}

test.after(async () => {
  for (const root of roots) await rm(root, { recursive: true });
});

test('monotonic time begins at 0 when the clock is opened', async () => {
  const { clock, time } = await machine({});
  assert.is(clock.monoMs(), 0);
  time.steadyMs += 250;
  assert.is(clock.monoMs(), 250);
});

test('nobody vouches for the wall clock: no wall time', async () => {
  const { clock } = await machine({});
  assert.equal(clock.now(), { monoMs: 0, wallMs: null, clock: 'none', errorMs: 0 });
});

test('a wall clock before the floor is called so, and gives no wall time, even with a battery clock or an NTP mark', async () => {
  for (const tells of [{}, { rtc: true }, { synced: true }]) {
    const { clock, time } = await machine(tells);
    time.wallMs = floorMs - 1;
    assert.is(clock.now().clock, 'floor');
    assert.is(clock.now().wallMs, null);
  }
});

test('at the floor itself time counts', async () => {
  const { clock, time } = await machine({ synced: true });
  time.wallMs = floorMs;
  assert.is(clock.now().wallMs, floorMs);
});

test('a synchronised system is trusted as ntp, a battery clock as rtc with a larger error', async () => {
  const ntp = (await machine({ synced: true, rtc: true })).clock.now();
  const rtc = (await machine({ rtc: true })).clock.now();
  assert.equal([ntp.clock, ntp.wallMs, rtc.clock, rtc.wallMs], ['ntp', later, 'rtc', later]);
  assert.ok(rtc.errorMs > ntp.errorMs && ntp.errorMs > 0);
});

test('synchronisation that comes later is noticed within a second', async () => {
  const { clock, time, sync } = await machine({});
  assert.is(clock.now().clock, 'none');
  await sync();
  time.steadyMs += 1000;
  assert.is(clock.now().clock, 'ntp');
});

test("the hub's time runs on with the steady clock, and its error grows with drift", async () => {
  const { clock, time } = await machine({});
  clock.hubSays(later, 0, 200);
  time.steadyMs += 10_000_000;
  assert.equal(clock.now(), { monoMs: 10_000_000, wallMs: later + 10_000_000, clock: 'hub', errorMs: 1200 });
});

test("the hub's time helps where the wall clock stands at 1970", async () => {
  const { clock, time } = await machine({ rtc: true });
  time.wallMs = 0;
  clock.hubSays(later, 0, 200);
  assert.is(clock.now().clock, 'hub');
});

test('the hub, which answers a record of this moment, puts a floor right that was too high', async () => {
  const { clock } = await machine({});
  clock.hubSays(floorMs - 5000, 0, 10);
  assert.equal([clock.now().clock, clock.now().wallMs], ['hub', floorMs - 5000]);
  assert.ok(clock.floorMs() < floorMs);
});

test('of two hub times the one with the smaller error by now is kept', async () => {
  const { clock } = await machine({});
  clock.hubSays(later, 0, 200);
  clock.hubSays(later + 77, 0, 900);
  assert.is(clock.now().wallMs, later);
  clock.hubSays(later + 88, 0, 100);
  assert.is(clock.now().wallMs, later + 88);
});

test('a hub time less sure than the battery clock yields to it', async () => {
  const { clock } = await machine({ rtc: true });
  clock.hubSays(later + 9, 0, 5001);
  assert.is(clock.now().clock, 'rtc');
});

test('a machine that is trusted is believed without a witness', async () => {
  const { clock, time } = await machine({}, { trust: 'system' });
  assert.equal([clock.now().clock, clock.now().wallMs], ['ntp', time.wallMs]);
});

test('whatever is said, wall time is never before the floor and never without a witness', async () => {
  const seed = Date.now() & 0xffff;
  const { clock, time } = await machine({ rtc: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -5000, max: 5000 }), fc.nat(10_000), fc.nat(9000)), { maxLength: 8 }),
      (said) => {
        for (const [offset, passed, errorMs] of said) {
          time.steadyMs += passed;
          time.wallMs = floorMs + offset;
          clock.hubSays(floorMs + Math.abs(offset) + errorMs, clock.monoMs(), errorMs);
          const { wallMs, clock: by } = clock.now();
          assert.is(wallMs === null, by === 'none' || by === 'floor', `seed ${seed}`);
          assert.ok(wallMs === null || wallMs >= clock.floorMs(), `seed ${seed}`);
        }
      },
    ),
    { seed },
  );
});

test("this machine's own clocks give a stamp", () => {
  const clock = keepTime(openBoardClock({ trust: 'system' }), 0);
  const { monoMs, wallMs } = clock.now();
  assert.ok(monoMs >= 0 && monoMs < 5000);
  assert.ok(wallMs !== null && Math.abs(wallMs - Date.now()) < 5000);
});

test.run();
