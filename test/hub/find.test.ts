// Finding: each question alone, together, in words as they are typed, and page by page.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../../protocol/topics.ts';
import { commune, makeVillage, type Running, type TestSender, type Village } from './village.ts';

interface Context {
  village: Village;
  running: Running;
}

const noon = Date.parse('2026-11-28T12:00:00+07:00');
const minuteMs = 60_000;

const test = suite<Context>('find');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  const [market, bridge] = [await context.village.node('mat-01'), await context.village.node('mat-02')];
  for (const [node, title] of [
    [market, 'Mắt 01 · Chợ Đình'],
    [bridge, 'Mắt 02 · Cầu Đá'],
  ] as const) {
    await node.join(context.running.hub.broker, 4);
    const status = { state: 'online', sinceMs: noon, release: '0.1.0', boot: 'x', title };
    await node.publish(`${root(commune, node.name)}/out/status`, JSON.stringify(status));
  }
  await happened(market, 'a', 0, { zones: ['Cổng chợ'], reason: 'Vật thể 4 % hình', seconds: 3 });
  await happened(market, 'b', 10, { zones: ['Lòng đường'], reason: 'Vật thể 9 % hình', seconds: 45 });
  await happened(bridge, 'c', 20, { zones: ['Cổng chợ'], reason: 'Người đứng lâu', seconds: 12 });
  await happened(bridge, 'd', 30, { seconds: 1, panic: true });
});
test.after(({ village }) => village.remove());

/** So many minutes after noon. */
async function happened(
  node: TestSender,
  id: string,
  minutes: number,
  { seconds, panic = false, ...told }: { zones?: string[]; reason?: string; seconds: number; panic?: boolean },
): Promise<void> {
  const time = { monoMs: minutes * minuteMs, wallMs: noon + minutes * minuteMs, clock: 'ntp', errorMs: 5 } as const;
  const kind = panic
    ? ({ trigger: 'panic', level: 'alarm' } as const)
    : ({ trigger: 'motion', level: 'event' } as const);
  const at = { firstMonoMs: time.monoMs, lastMonoMs: time.monoMs + seconds * 1000, ...told };
  for (const phase of ['new', 'end'] as const)
    await node.deliver(await node.event(id, phase, at, { time, class: 0, event: { id, phase, ...kind } }));
}

const found = async ({ running }: Context, question: Record<string, string | number>): Promise<string> => {
  const answer = await running.get(
    `api/find?${new URLSearchParams(Object.entries(question).map(([k, v]) => [k, `${v}`]))}`,
  );
  assert.is(answer.status, 200);
  const { events }: { events: { id: string }[] } = await answer.json();
  return events.map(({ id }) => id).join('');
};

for (const [what, question, wanted] of [
  ['everything, newest first', {}, 'dcba'],
  ['a node', { node: 'mat-02' }, 'dc'],
  ['a trigger', { trigger: 'panic' }, 'd'],
  ['a level', { level: 'event' }, 'cba'],
  ['from a moment on, itself too', { fromMs: noon + 10 * minuteMs }, 'dcb'],
  ['before a moment, not itself', { toMs: noon + 10 * minuteMs }, 'a'],
  ['a zone, typed without its marks', { zone: 'cong cho' }, 'ca'],
  ['words of the reason', { text: 'đứng lâu' }, 'c'],
  ['words of the name of the node, in any order', { text: 'đình chợ' }, 'ba'],
  ['a word of the reason and one of the node’s name', { text: 'vật chợ' }, 'ba'],
  ['at least so long, to the millisecond', { minMs: 12_000 }, 'cb'],
  ['longer than that by one', { minMs: 12_001 }, 'b'],
  ['all at once', { node: 'mat-01', zone: 'chợ', level: 'event', text: 'hình', minMs: 3000 }, 'a'],
  ['what nobody said', { text: 'máy cày' }, ''],
  ['what is no word but SQL', { text: "%' OR 1=1 --", zone: '_' }, ''],
] as const)
  test(`found by: ${what}`, async (context) => {
    assert.is(await found(context, question), wanted);
  });

test('page by page, none twice and none left out, also where little fits', async ({ running }) => {
  const ids: string[] = [];
  for (let before: string | null = ''; before !== null; ) {
    const answer = await running.get(`api/find?limit=1&level=event${before === '' ? '' : `&before=${before}`}`);
    const page: { events: { id: string }[]; next: string | null } = await answer.json();
    assert.ok(page.events.length <= 1);
    ids.push(...page.events.map(({ id }) => id));
    before = page.next;
  }
  assert.equal(ids, ['c', 'b', 'a']);
});

test('a question that is none is refused with the reason', async ({ running }) => {
  for (const question of ['level=loud', 'node=../x', 'minMs=-1', 'limit=1000000', 'before=rubbish', 'fromMs=soon']) {
    const answer = await running.get(`api/find?${question}`);
    assert.is(answer.status, 400, question);
    assert.ok((await answer.json()).error.length > 0);
  }
});

test.run();
