// What the recorder keeps of its pictures, and of each event, with a real card and real keys.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { motionSchema } from '../../agent/core/config/schema.ts';
import { readTrace } from '../../agent/core/trace/decode.ts';
import { traceType } from '../../agent/core/trace/format.ts';
import { createPictureSight } from '../../agent/core/trace/sight.ts';
import { openTrace } from '../../agent/recorder/trace.ts';
import type { Draft } from '../../agent/spool.ts';
import { eventTraceSchema } from '../../protocol/details.ts';
import { makeTestNode, type TestNode } from '../support/node-identity.ts';
import { recordsOf } from './records.ts';
import { startScripted, testConfig } from './scripted-camera.ts';

const test = suite<{ node: TestNode }>('recorder trace');
test.before.each(async (context) => {
  context.node = await makeTestNode();
});
test.after.each(({ node }) => node.remove());

test('an event leaves its trace, and every picture is in the batch that the stop writes', async ({ node }) => {
  const run = await startScripted(node, testConfig());
  await run.see({ is: 'start', recipe: 'scripted', afresh: false });
  await run.see({ is: 'init', bytes: Buffer.from('ftyp moov') });
  await run.film(20);
  await run.film(5, 'somebody');
  await run.film(8);
  await run.stop();
  const records = await recordsOf(node);
  const end = JSON.parse(String(records.find(({ manifest }) => manifest.event?.phase === 'end')?.plain));
  const traces = records.filter(({ manifest }) => manifest.kind === 'trace');
  assert.ok(traces.every(({ manifest }) => manifest.class === 5));
  const [ofEvent] = traces.filter(({ manifest }) => manifest.of?.event === end.id);
  const told = eventTraceSchema.parse(JSON.parse(String(ofEvent?.plain)));
  assert.is(told.event, end.id);
  const [subject] = told.tracks;
  assert.ok(subject && subject.needs <= 5 && subject.proof === 'travel' && subject.fromMs === 0, JSON.stringify(told));
  const [first, last] = [subject.way.at(0), subject.way.at(-1)];
  assert.ok((last?.[1] ?? 0) - (first?.[1] ?? 0) > 0.3, 'it went to the right');
  assert.ok(told.cells.length > 0 && told.shares.some(([, share]) => share > 0.01), JSON.stringify(told));
  const [batch] = traces.filter(({ manifest }) => manifest.body?.type === traceType);
  const read = readTrace(batch?.plain ?? new Uint8Array());
  assert.ok(read.ok, read.ok ? '' : read.why);
  if (!read.ok) return;
  assert.equal([read.trace.pictures, read.trace.head.boot], [33 * 5, run.spool.boot]);
  const counted = read.trace.steps.flatMap((step) =>
    step.is === 'picture' && step.tracks.some(({ needs }) => needs <= 5) ? [step.monoMs] : [],
  );
  assert.is(counted.at(-1), end.lastMonoMs);
});

/** A keeper that hands its drafts to the test. */
function keeper() {
  const drafts: Draft[] = [];
  const clock = { monoMs: 0 };
  const append = (draft: Draft) => {
    drafts.push(draft);
    return Promise.resolve({ ok: false, why: 'card-error', cause: 'not written in this test' } as const);
  };
  const raised: string[] = [];
  const troubles = {
    raise: (code: string) => void raised.push(code),
    note: () => undefined,
    over: () => undefined,
    standing: () => [],
    count: () => 0,
  };
  const now = () => ({ monoMs: clock.monoMs, wallMs: null, clock: 'none', errorMs: 0 }) as const;
  const trace = openTrace({ append, boot: '000001.00000000' }, motionSchema.parse({}), 1500, now, troubles);
  return { trace, drafts, raised, clock };
}

test('pictures wait a quarter of an hour for a record', async () => {
  const { trace, drafts, raised, clock } = keeper();
  const idle = createPictureSight(0);
  idle.warming = false;
  const show = (seconds: number, everyMs = 200) => {
    for (let i = 0; i < (seconds * 1000) / everyMs; i++) {
      clock.monoMs += everyMs;
      idle.monoMs = clock.monoMs;
      trace.see(idle);
    }
  };
  show(899);
  assert.is(drafts.length, 0);
  show(2);
  assert.is(drafts.length, 1);
  idle.whole = 'upheaval';
  show(1);
  idle.whole = 'none';
  show(890);
  assert.is(drafts.length, 1);
  show(20);
  assert.is(drafts.length, 2);
  await trace.flush();
  assert.is(drafts.length, 3);
  assert.equal(raised, ['card-error', 'card-error', 'card-error'], 'a card that refuses is told');
});

test("an event's trace has a bound, whatever its length and however crowded", () => {
  const { trace, drafts, clock } = keeper();
  const crowd = createPictureSight(24);
  crowd.warming = false;
  crowd.count = 24;
  trace.opened('000001.00000000-e0', 0);
  for (let i = 0; i < 20_000; i++) {
    clock.monoMs += 4 * 3_600;
    crowd.monoMs = clock.monoMs;
    for (const [slot, track] of crowd.tracks.entries()) {
      const left = 2 * ((i * 3 + slot * 7) % 70);
      const top = 2 * ((i * 5 + slot * 11) % 30);
      const bornMs = clock.monoMs - (i % (20 + slot)) * 14_400;
      Object.assign(track, {
        slot,
        bornMs,
        left,
        top,
        right: left + 18,
        bottom: top + 22,
        area: 123.456,
        contrast: 99.9,
      });
      Object.assign(track, slot % 2 === 0 ? { needs: 3, rule: 'none' } : { needs: 11, rule: 'unproven' });
    }
    trace.see(crowd);
  }
  trace.closed();
  const drawn = drafts.find(({ of }) => of !== undefined)?.body;
  const plain = drawn !== undefined && 'plain' in drawn ? drawn.plain : new Uint8Array();
  assert.ok(plain.length > 5000 && plain.length <= 15_000, `${plain.length} bytes`);
  eventTraceSchema.parse(JSON.parse(String(plain)));
});

test.run();
