// A node's day: each of its 1,440 minutes in one state, out of what the node signed and what the hub saw.
import { mkdir } from 'node:fs/promises';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writePast } from '../../cli/bench/desk/past.ts';
import type { Span } from '../../hub/desk/contact.ts';
import { type MinuteState, minutesOf, minutesPerDay, minuteTotals } from '../../hub/desk/day.ts';
import { root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';
import { commune, makeVillage, type OneNode, withOneNode } from './village.ts';

const minute = 60_000;
const none = { ran: [], recorded: [], contact: [], blind: [] };
const span = (from: number, to: number): Span => ({ fromMs: from * minute, toMs: to * minute });
const test = suite<OneNode>('day');
withOneNode(test);

test('the minutes of any day sum to 1,440, whatever the signs', () => {
  const moments = fc.tuple(fc.integer({ min: -500, max: 2000 }), fc.integer({ min: 0, max: 900 }));
  const spans = fc.array(
    moments.map(([from, length]) => span(from, from + length)),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(
      fc.record({ ran: spans, recorded: spans, contact: spans, blind: spans }),
      fc.integer({ min: -100, max: 3000 }),
      (signs, now) => {
        const minutes = minutesOf(signs, 0, now * minute);
        assert.is(minutes.length, minutesPerDay);
        for (const [state, count] of Object.entries(minuteTotals(signs, 0, now * minute)))
          assert.is(count, minutes.filter((each) => each === state).length, state);
        assert.is(minutes.filter((state) => state === 'ahead').length, Math.min(1440, Math.max(0, 1440 - now)));
      },
    ),
  );
});

test('recorded in touch, recorded out of touch, at work without a word of it, blind, and away', () => {
  const signs = {
    ran: [span(0, 60)],
    recorded: [span(0, 40)],
    contact: [span(0, 20), span(30, 70)],
    blind: [span(35, 45), span(80, 90)],
  };
  const minutes = minutesOf(signs, 0, 100 * minute);
  const at = (which: number): MinuteState | undefined => minutes[which];
  assert.equal([0, 19, 20, 29, 30, 35, 44, 45, 69, 70, 85, 99, 100].map(at), [
    ...['recording', 'recording', 'buffering', 'buffering', 'recording', 'blind', 'blind', 'watching', 'watching'],
    ...['offline', 'offline', 'offline', 'ahead'],
  ]);
  assert.is(minutesOf(none, 0, Date.now())[0], 'offline');
});

test('what a node signed and how long it was in touch make its day', async ({ running, node }) => {
  const dayFrom = Date.parse('2026-03-08T00:00:00+07:00');
  const hourMs = 60 * minute;
  const clock = (monoMs: number, wallMs: number | null) =>
    ({ monoMs, wallMs, clock: wallMs === null ? 'none' : 'ntp', errorMs: 5 }) as const;
  const covers = { fromMonoMs: 0, toMonoMs: hourMs, recorded: [{ fromMonoMs: 0, toMonoMs: hourMs / 2 }] };
  // An hour that was told while there was no clock: the boot's next record knows it.
  await node.deliver(
    await node.record({ kind: 'coverage', class: 5, time: clock(hourMs, null) }, JSON.stringify(covers)),
  );
  await node.deliver(await node.record({ time: clock(2 * hourMs, dayFrom + 3 * hourMs) }));
  const fault = (standing: boolean) => JSON.stringify({ code: 'camera-covered', standing, text: 'che' });
  const faultAt = (atMs: number, standing: boolean) =>
    node.record({ kind: 'fault', class: 1, time: clock(atMs - dayFrom - hourMs, atMs) }, fault(standing));
  await node.deliver(await faultAt(dayFrom + hourMs + 5 * minute, true));
  await node.deliver(await faultAt(dayFrom + hourMs + 15 * minute, false));
  const { totals } = await (await running.get('api/day/mat-01?day=2026-03-08')).json();
  assert.equal(totals, { recording: 0, buffering: 20, watching: 30, blind: 10, offline: 1380, ahead: 0 });
});

test('a node that is there now is seen in its day, and no more once it has gone', async ({ running, node }) => {
  const say = (state: string) =>
    node.publish(
      `${root(commune, 'mat-01')}/out/status`,
      JSON.stringify({ state, sinceMs: 0, release: '1', boot: 'b', title: 'Cổng' }),
    );
  const open = running.hub.contact;
  const spans = () => open.spans('mat-01', 0, Date.now() + 1000);
  await say('online');
  await until('the node there', () => spans().length === 1);
  await say('stopped');
  await until('its end', () => (spans()[0]?.toMs ?? 0) < Date.now() - 20 && spans().length === 1);
  const ended = spans()[0]?.toMs;
  await say('online');
  await until('the node back', () => spans().length === 2);
  assert.is(spans()[0]?.toMs, ended);
});

test('of a busy day no hour is left out, and no alarm', async () => {
  const village = await makeVillage();
  try {
    await mkdir(village.config.dataDir, { recursive: true });
    // 1,200 events a day, of which each hundredth is an alarm.
    writePast(village.config.dataDir, ['mat-01'], 3 * 1200, Date.now(), 3);
    await village.node('mat-01');
    const running = await village.start();
    // As Vietnam counts its days.
    const day = new Date(Date.now() + 7 * 3_600_000 - 3 * 86_400_000).toISOString().slice(0, 10);
    const { fromMs, stills, events } = await (await running.get(`api/day/mat-01?day=${day}`)).json();
    for (const seen of [stills, events] as { atMs: number; level: string }[][]) {
      const hours = new Set(seen.map(({ atMs }) => Math.floor((atMs - fromMs) / (60 * minute))));
      assert.is(hours.size, 24);
      assert.ok(seen.length > 1000 && seen.length < 1440, `${seen.length}`);
      assert.is(seen.filter(({ level }) => level === 'alarm').length, 12);
    }
  } finally {
    await village.remove();
  }
});

test('a day that is none is refused, as is a node that nobody knows', async ({ running }) => {
  assert.is((await running.get('api/day/mat-01?day=2026-02-30')).status, 400);
  assert.is((await running.get('api/day/mat-99?day=2026-02-28')).status, 404);
});

test.run();
