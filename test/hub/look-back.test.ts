// Minutes that a node is asked for, as the desk shows them: asked, on their way, here, gone, or why not.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LookBackView } from '../../hub/desk/look-backs.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import { commandSchema } from '../../protocol/command.ts';
import { readUnverified } from '../../protocol/sign.ts';
import { root } from '../../protocol/topics.ts';
import { until } from '../support/until.ts';
import { commune, makeVillage, signIn } from './village.ts';

const test = suite('look-back');

test('asked, on its way, here, gone; an answer that never came is silence', async () => {
  const village = await makeVillage();
  try {
    const { hub, get } = await village.start();
    const { cookie, csrf } = await signIn(village.config.dataDir, hub.url, 'officer');
    const headers = { cookie, 'x-csrf': csrf, 'content-type': 'application/json' };
    const node = await village.node('mat-01');
    await node.join(hub.broker, 4);
    const newest = async (): Promise<LookBackView> => (await (await get('api/lookback')).json()).asked[0];
    const isNow = async () => {
      const { state, why } = await newest();
      return why === null ? state : `${state}: ${why}`;
    };
    const atMs = Date.now();
    const ask = async (reply: object) => {
      const body = JSON.stringify({ node: 'mat-01', fromMs: atMs - 60_000, toMs: atMs + 60_000 });
      const asking = fetch(`${hub.url}api/lookback`, { method: 'POST', headers, body });
      await until('the command', () => node.commands.length > 0);
      assert.is(await isNow(), 'asked');
      const { id } = commandSchema.parse(readUnverified(node.commands.splice(0)[0] ?? ''));
      await node.publish(`${root(commune, 'mat-01')}/out/reply`, JSON.stringify({ v: 1, id, ...reply }));
      assert.is((await asking).status, 200);
    };

    await ask({ ok: true, text: '1 segments on their way' });
    assert.is(await isNow(), 'coming');
    const { made, ref } = await node.segment(Buffer.from('moof'), 'a'.repeat(64), 1000, 1000);
    const of = { part: 0, why: 'lookback' } as const;
    const clip = { of, segments: [ref], init: 'a'.repeat(64), complete: true, last: true };
    await node.deliver(await node.record({ kind: 'clip', class: 1, ...clip }));
    assert.is(await isNow(), 'coming');
    await node.deliver(made);
    await until('all of it', async () => (await isNow()) === 'here');
    assert.match((await newest()).url ?? '', /^\/api\/clip\/mat-01\/.+\.mp4$/);

    await ask({ ok: false, why: 'gone', text: 'no footage of that time is held here' });
    assert.is(await isNow(), 'gone');
    await ask({ ok: false, why: 'clock', text: 'this node does not know the time yet' });
    assert.is(await isNow(), 'refused: clock');

    // What the book says of askings whose answer was not heard, and of what retention has deleted since.
    const store = openDeskStore(village.config.dataDir);
    const put = (state: string, askedMs: number) =>
      store.run(
        "INSERT INTO lookback (node, from_ms, to_ms, asked_ms, actor, state, answer) VALUES ('mat-01', 1, 2, ?, 'x', ?, '')",
        ...[askedMs, state],
      );
    put('asked', Date.now() - 600_000);
    assert.is(await isNow(), 'refused: silent');
    put('here', Date.now());
    assert.is(await isNow(), 'gone');
    store.close();
  } finally {
    await village.remove();
  }
});

test.run();
