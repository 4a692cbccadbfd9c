// Deletion by schedule: what is over its days goes, what is held or in a case stays, and what went is on record.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDeskStore } from '../../hub/desk/store.ts';
import { type ClockBelief, readBelief, weighClock, writeBelief } from '../../hub/retention/clock.ts';
import { outlookOf } from '../../hub/retention/outlook.ts';
import type { SegmentRef, Stamp } from '../../protocol/manifest.ts';
import { sha256 } from '../../protocol/sign.ts';
import { makeVillage, type Running, signIn, type TestSender, type Village } from './village.ts';

const dayMs = 86_400_000;
const test = suite('retention');
const init = Buffer.from('an init segment');

interface World {
  readonly village: Village;
  readonly running: Running;
  readonly node: TestSender;
  /** An event so many days ago, with a clip of these segments, then of the start that made them. */
  happen(
    id: string,
    daysAgo: number,
    level?: 'alarm' | 'event',
    segments?: readonly SegmentRef[],
    clock?: Stamp['clock'],
  ): Promise<void>;
  /** As if it had been here for so many days. */
  age(days?: number): void;
  restart(): Promise<Running>;
  events(): Promise<string[]>;
  files(): Promise<string[]>;
}

async function withHub(retention: object, play: (world: World) => Promise<void>): Promise<void> {
  const village = await makeVillage({ retention });
  try {
    const running = await village.start();
    const node = await village.node('mat-01');
    await node.join(running.hub.broker, 4);
    const files = async () => {
      const names = await readdir(join(village.config.dataDir, 'archive', 'mat-01'), { recursive: true });
      return names.filter((name) => /\.(rec|seg)$/.test(name)).sort();
    };
    let current = running;
    await play({
      ...{ village, running, node, files },
      happen: async (id, daysAgo, level = 'event', segments = [], clock = 'ntp') => {
        // Each in a start of its own: one start has one clock.
        if (segments.length === 0) node.reboot();
        const wallMs = Date.now() - daysAgo * dayMs;
        const at = (monoMs: number) => ({ monoMs, wallMs: wallMs + monoMs, clock, errorMs: 5 }) as const;
        const event = { id, phase: 'new', trigger: 'motion', level } as const;
        await node.deliver(await node.event(id, 'new', {}, { time: at(0), event }));
        await node.deliver(await node.event(id, 'end', {}, { time: at(5000), event: { ...event, phase: 'end' } }));
        if (segments.length === 0) return;
        const of = { event: id, part: 0, why: 'event' } as const;
        const draft = {
          kind: 'clip',
          class: 4,
          of,
          segments: [...segments],
          init: sha256(init),
          time: at(9000),
        } as const;
        await node.deliver(await node.record({ ...draft, segments: [...segments] }, init, 'video/mp4'));
      },
      age: (days = 2) => {
        const db = new DatabaseSync(join(village.config.dataDir, 'index.sqlite'));
        const sooner = `stored_ms = stored_ms - ${days * dayMs}`;
        for (const table of ['record', 'segment']) db.exec(`UPDATE ${table} SET ${sooner}`);
        // As the hub itself would work it out.
        db.exec('INSERT OR IGNORE INTO retime_due SELECT DISTINCT node, boot FROM record');
        db.close();
      },
      restart: async () => {
        await current.stop();
        current = await village.start();
        return current;
      },
      events: async () => {
        const { events }: { events: { id: string }[] } = await (await current.get('api/find?limit=100')).json();
        return events.map(({ id }) => id).sort();
      },
    });
  } finally {
    await village.remove();
  }
}
const lines = async (running: Running) => {
  const answer = await running.get('api/audit?count=50');
  const { lines }: { lines: { action: string; details: Record<string, number | string> }[] } = await answer.json();
  return lines.filter(({ action }) => action === 'delete');
};

test('each kind has its days; what came late is there for a day', async () => {
  await withHub({ eventDays: 30, alarmDays: 90 }, async ({ running, happen, age, events, files }) => {
    await happen('old', 31);
    await happen('young', 29);
    await happen('alarm-old', 91, 'alarm');
    await happen('alarm', 31, 'alarm');
    assert.is((await running.hub.retention?.sweep())?.files, 0);
    age();
    const before = (await files()).length;
    const swept = await running.hub.retention?.sweep();
    assert.equal(await events(), ['alarm', 'young']);
    assert.is((await files()).length, before - (swept?.files ?? 0));
    const [line, ...more] = await lines(running);
    assert.is(more.length, 0);
    assert.equal(
      [line?.details.why, line?.details.alarms, line?.details.events, line?.details.files],
      ['days', 1, 1, swept?.files ?? 0],
    );
    assert.is((await running.hub.retention?.sweep())?.files, 0);
  });
});

test('what is in a case, or held by an export, stays whatever its age', async () => {
  await withHub({ eventDays: 1 }, async ({ village, running, happen, age, events }) => {
    for (const id of ['in-case', 'exported', 'free']) await happen(id, 40);
    const { cookie, csrf } = await signIn(village.config.dataDir, running.hub.url, 'chief');
    const headers = { cookie, 'x-csrf': csrf, 'content-type': 'application/json' };
    const post = (path: string, body: object) =>
      fetch(`${running.hub.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const { id } = await (await post('api/cases', { title: 'Vụ' })).json();
    await post(`api/cases/${id}/events`, { node: 'mat-01', id: 'in-case' });
    const out = await post('api/export', { node: 'mat-01', id: 'exported', case: '1', reason: 'x' });
    await out.arrayBuffer();
    age();
    await running.hub.retention?.sweep();
    assert.equal(await events(), ['exported', 'in-case']);
  });
});

test('a segment that two films show stays for the other one', async () => {
  await withHub({ eventDays: 30, alarmDays: 90 }, async ({ running, node, happen, age, files }) => {
    const made = [];
    for (const text of ['one', 'two']) made.push(await node.segment(Buffer.from(text), sha256(init), 0, 1000));
    const refs = made.map(({ ref }) => ref);
    await happen('old', 40, 'event', refs);
    await happen('alarm', 40, 'alarm', refs.slice(1));
    for (const each of made) await node.deliver(each.made);
    age();
    await running.hub.retention?.sweep();
    const left = (await files()).filter((name) => name.endsWith('.seg'));
    assert.is(left.length, 1);
    assert.match(left[0] ?? '', new RegExp(made[1]?.made.id.slice(0, 16) ?? 'none'));
  });
});

test('a full quota takes the oldest events before their days, plain ones first, and says so', async () => {
  await withHub({ eventDays: 1000, alarmDays: 1000, quotaGiB: 0.000_008 }, async (world) => {
    const { running, happen, age, events } = world;
    for (let count = 0; count < 8; count++) await happen(`e-${count}`, 20 - count);
    await happen('alarm', 300, 'alarm');
    age();
    const swept = await running.hub.retention?.sweep();
    const left = await events();
    assert.ok(
      (swept?.early ?? 0) > 0 && left.includes('alarm') && left.includes('e-7') && !left.includes('e-0'),
      left.join(' '),
    );
    assert.is((await lines(running))[0]?.details.why, 'quota');
    assert.is(swept?.stuck, false);
  });
});

test('what the hub deleted is not missing from the chain, nor after the catalogue has been built anew', async () => {
  await withHub({ eventDays: 30 }, async ({ village, running, node, happen, age }) => {
    for (const [id, ago] of [
      ['a', 1],
      ['b', 40],
      ['c', 2],
    ] as const)
      await happen(id, ago);
    age();
    await running.hub.retention?.sweep();
    node.reboot();
    await happen('d', 0);
    assert.is(running.hub.summary().chainGaps, 0);
    await running.stop();
    await rm(join(village.config.dataDir, 'index.sqlite'));
    const again = await village.start();
    assert.equal([again.hub.summary().events, again.hub.summary().chainGaps], [3, 0]);
  });
});

test("what only a board's own clock, a year behind, says is old is kept by when it came, until somebody else vouches for the time", async () => {
  await withHub({ eventDays: 30, lookbackDays: 30 }, async (world) => {
    const { node, happen, age, restart, events, files } = world;
    await happen('fresh', 365, 'event', [], 'rtc');
    // Of the same start, and in no event: a still that was asked for, and a segment that no clip shows.
    const wallMs = Date.now() - 365 * dayMs;
    const time = { monoMs: 60_000, wallMs: wallMs + 60_000, clock: 'rtc', errorMs: 5 } as const;
    const asked = await node.record(
      { kind: 'still', class: 4, of: { part: 0, why: 'command' }, time },
      'jpeg',
      'image/jpeg',
    );
    await node.deliver(asked);
    await node.deliver((await node.segment(Buffer.from('film'), sha256(init), 61_000, 1000, wallMs + 61_000)).made);
    const sweep = async (days: number) => {
      age(days);
      return (await (await restart()).hub.retention?.sweep())?.files;
    };
    assert.is(await sweep(28), 0);
    const before = (await files()).length;
    assert.is(await sweep(3), before, 'thirty days after it came it goes, whatever its clock says');
    assert.equal(await events(), []);
  });
});

test('the disk is told of while there are three days of room, and when the hub takes nothing more', () => {
  const gib = 1024 ** 3;
  const of = (free: number, perDay: number) => outlookOf(free * gib, 100 * gib, perDay * gib, 0.25 * gib).state;
  assert.equal([of(40, 2), of(6.2, 2), of(6.3, 2), of(0.4, 0), of(0.2, 0)], ['ok', 'low', 'ok', 'low', 'full']);
});

const hourMs = 3_600_000;
const looks = (wallsMs: readonly number[], known?: ClockBelief) =>
  wallsMs.reduce<ClockBelief | undefined>((belief, wallMs) => weighClock(belief, wallMs, hourMs), known);

test('a clock that leaps ahead is doubted until it has run steadily for three days, or is set back', () => {
  const noon = Date.UTC(2026, 5, 1, 5);
  const hours = (fromMs: number, count: number) => Array.from({ length: count }, (_, hour) => fromMs + hour * hourMs);
  const steady = looks(hours(noon, 100));
  assert.equal(steady, { trustedMs: noon + 99 * hourMs, doubt: undefined });
  const leapt = noon + 400 * dayMs;
  assert.ok(looks(hours(leapt, 1), steady)?.doubt !== undefined);
  assert.ok(looks(hours(leapt, 72), steady)?.doubt !== undefined);
  assert.is(looks(hours(leapt, 73), steady)?.doubt, undefined);
  // A second leap begins the wait anew.
  assert.ok(looks([...hours(leapt, 72), ...hours(leapt + 400 * dayMs, 72)], steady)?.doubt !== undefined);
  const back = looks([...hours(leapt, 50), ...hours(noon + 150 * hourMs, 1)], steady);
  assert.equal(back, { trustedMs: noon + 150 * hourMs, doubt: undefined });
  // Behind, and right again: what was believed is remembered.
  assert.equal(looks([0, noon + 102 * hourMs], steady), { trustedMs: noon + 102 * hourMs, doubt: undefined });
  // Off over a weekend, and over a holiday.
  const off = (days: number) => weighClock(steady, (steady?.trustedMs ?? 0) + days * dayMs, 0).doubt;
  assert.equal([off(2), off(2.1)?.ranMs], [undefined, 0]);
});

test("while the hub's clock is doubted nothing goes for its age; it is told, and a person's word ends it", async () => {
  await withHub({ eventDays: 30 }, async (world) => {
    const { village, happen, age, restart, events } = world;
    await happen('old', 40);
    age();
    const book = openDeskStore(village.config.dataDir);
    // The last look at the stop believes the clock; the book is as it would be a leap later.
    await world.running.stop();
    writeBelief(book, { trustedMs: Date.now() - 400 * dayMs, doubt: undefined });
    const running = await restart();
    assert.is((await running.hub.retention?.sweep())?.files, 0);
    assert.equal(await events(), ['old']);
    const { hubFaults }: { hubFaults: { code: string }[] } = await (await running.get('api/nodes')).json();
    assert.equal(
      hubFaults.map(({ code }) => code),
      ['clock'],
    );
    const log: { lines: { action: string; subject: string }[] } = await (
      await running.get('api/audit?count=50')
    ).json();
    assert.is(log.lines.filter(({ subject }) => subject === 'clock').length, 1);
    writeBelief(book, { trustedMs: Date.now(), doubt: undefined });
    book.close();
    assert.is((await running.hub.retention?.sweep())?.files, 2);
    const after = openDeskStore(village.config.dataDir);
    assert.is(readBelief(after)?.doubt, undefined);
    after.close();
  });
});

test.run();
