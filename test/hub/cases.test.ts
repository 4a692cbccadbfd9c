// Cases: what belongs together stays, is taken out as one, and every step is written down.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openZip } from '../../cli/verify/zip.ts';
import { disk } from '../../hal/disk.ts';
import { openHolds } from '../../hub/holds.ts';
import { makeVillage, type Running, signIn, type TestSender, type Village } from './village.ts';

type Post = (path: string, body: unknown) => Promise<Response>;
const test = suite<{ village: Village; running: Running; nodes: TestSender[]; post: Post }>('cases');
test.before(async (context) => {
  context.village = await makeVillage();
  const running = await context.village.start();
  const { cookie, csrf } = await signIn(context.village.config.dataDir, running.hub.url, 'chief');
  const headers = { cookie, 'x-csrf': csrf, 'content-type': 'application/json' };
  context.running = running;
  context.nodes = [await context.village.node('mat-01'), await context.village.node('mat-02')];
  context.post = (path, body) =>
    fetch(`${running.hub.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  for (const [index, node] of context.nodes.entries()) {
    await node.join(running.hub.broker, 4);
    await node.deliver(await node.event(`e-${index}`, 'new'));
    await node.deliver(await node.event(`e-${index}`, 'end'));
  }
});
test.after(({ village }) => village.remove());

async function openCase(post: Post, title: string): Promise<number> {
  const { id }: { id: number } = await (await post('api/cases', { title })).json();
  return id;
}
const linesOf = async (running: Running) => {
  const { lines }: { lines: { action: string; subject: string; details?: Record<string, unknown> }[] } = await (
    await running.get('api/audit?count=30')
  ).json();
  return lines;
};
const standing = async ({ village }: { village: Village }) => {
  const all = await (await openHolds(disk, village.config.dataDir, Date.now)).all();
  return all.filter(({ released }) => released === undefined);
};

test('an event in a case is held, and that is in the log; taking it out again needs a reason', async (context) => {
  const { running, post } = context;
  const id = await openCase(post, 'Mất trộm ở chợ');
  assert.is((await post(`api/cases/${id}/events`, { node: 'mat-01', id: 'e-0' })).status, 200);
  // Twice is once.
  assert.is((await post(`api/cases/${id}/events`, { node: 'mat-01', id: 'e-0' })).status, 200);
  assert.is((await post(`api/cases/${id}/events`, { node: 'mat-01', id: 'nothing' })).status, 404);
  assert.is((await post('api/cases/999/events', { node: 'mat-01', id: 'e-0' })).status, 404);
  const holds = await standing(context);
  assert.equal(
    holds.map((hold) => [hold.case, hold.places.length]),
    [[`${id} Mất trộm ở chợ`, 2]],
  );
  const { events } = await (await running.get(`api/cases/${id}`)).json();
  assert.equal(
    events.map((event: { node: string; view: { id: string } }) => [event.node, event.view.id]),
    [['mat-01', 'e-0']],
  );
  assert.is((await post(`api/cases/${id}/remove`, { node: 'mat-01', id: 'e-0', reason: ' ' })).status, 400);
  assert.is(
    (await post(`api/cases/${id}/remove`, { node: 'mat-01', id: 'e-0', reason: 'Không liên quan' })).status,
    200,
  );
  assert.is((await standing(context)).length, 0);
  const told = (await linesOf(running)).map(({ action, subject }) => `${action} ${subject}`);
  assert.equal(told.slice(0, 2), ['release event mat-01/e-0', 'hold event mat-01/e-0']);
});

test('a case of two nodes is one ZIP: each event an export that is checked alone', async ({ post, running }) => {
  const id = await openCase(post, 'Va chạm');
  for (const index of [0, 1]) await post(`api/cases/${id}/events`, { node: `mat-0${index + 1}`, id: `e-${index}` });
  const answer = await post(`api/cases/${id}/export`, { number: '15/BB', reason: 'Bàn giao' });
  assert.is(answer.status, 200);
  const dir = await mkdtemp(join(tmpdir(), 'matlang-case-'));
  await writeFile(join(dir, 'case.zip'), Buffer.from(await answer.arrayBuffer()));
  const outer = await openZip(join(dir, 'case.zip'));
  const names = [...outer.names].sort();
  assert.match(
    names.join(' '),
    /^001-trich-xuat-mat-01-\S+\.zip 002-trich-xuat-mat-02-\S+\.zip SHA256SUMS danh-sach\.txt$/,
  );
  await writeFile(join(dir, 'one.zip'), await outer.read(names[0] ?? ''));
  outer.close();
  const inner = await openZip(join(dir, 'one.zip'));
  assert.ok([...inner.names].includes('contents.jws'));
  inner.close();
  await rm(dir, { recursive: true });
  const exports = (await linesOf(running)).filter(({ action }) => action === 'export');
  assert.equal([...new Set(exports.map(({ details }) => details?.case))], ['15/BB Va chạm']);
});

test('a closed case takes nothing more, and keeps what it has', async (context) => {
  const { post } = context;
  const id = await openCase(post, 'Đã xong');
  await post(`api/cases/${id}/events`, { node: 'mat-01', id: 'e-0' });
  assert.is((await post(`api/cases/${id}/close`, { reason: 'Đã giải quyết' })).status, 200);
  assert.is((await post(`api/cases/${id}/events`, { node: 'mat-02', id: 'e-1' })).status, 409);
  assert.ok((await standing(context)).some((hold) => hold.case === `${id} Đã xong`));
  assert.is(
    (await post(`api/cases/${await openCase(post, 'Trống')}/export`, { number: '1', reason: 'x' })).status,
    409,
  );
});

test('a closed case is opened again with a reason, is filled further, and the log tells of each step once', async (context) => {
  const { post, running } = context;
  const id = await openCase(post, 'Mở lại');
  await post(`api/cases/${id}/close`, { reason: 'Đã giải quyết' });
  assert.is((await post(`api/cases/${id}/reopen`, { reason: ' ' })).status, 400);
  for (let times = 0; times < 2; times++)
    assert.is((await post(`api/cases/${id}/reopen`, { reason: 'Có người đến khai thêm' })).status, 200);
  assert.is((await (await running.get(`api/cases/${id}`)).json()).case.closedMs, null);
  assert.is((await post(`api/cases/${id}/events`, { node: 'mat-02', id: 'e-1' })).status, 200);
  const steps = (await linesOf(running))
    .filter(({ subject, details }) => subject === 'case' && details?.case === `${id} Mở lại`)
    .map(({ details }) => details?.what);
  assert.equal(steps, ['reopened', 'closed']);
});

test.run();
