// A release on trial beside what runs: its start, the hub's word, and what takes it back.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../ota/apply.ts';
import { boot, type Proven, type Services } from '../../ota/launcher.ts';
import { readState } from '../../ota/root.ts';
import { readAnswer, systemServices } from '../../ota/services.ts';
import { shelf } from '../../ota/shelf.ts';
import { makeKeyPair } from '../../ota/trust/keys.ts';
import { watch, well } from '../../ota/watch.ts';
import { readSigningKey, sign } from '../../protocol/sign.ts';
import { smallRelease } from './small-release.ts';

const test = suite('ota/watch');
const base = mkdtempSync(join(tmpdir(), 'matlang-watch-'));
test.after(() => rmSync(base, { recursive: true }));
let count = 0;

type Word = 'stored' | 'not-stored' | undefined;

/** A node that runs 1.0.0, with 2.0.0 laid ready for the launcher; each answer of the hub takes none of the clock's time but what `rest` takes. */
async function node(selfTest: string, how: { proven?: Proven; word: (nth: number) => Word; stopAfter?: number }) {
  const root = join(base, `${count++}`);
  const rules = { root, selfTestArgs: [], selfTestMsMax: 5000 };
  await smallRelease(join(root, 'stick1'), '1.0.0');
  assert.ok((await apply(shelf, rules, join(root, 'stick1'))).ok);
  await smallRelease(join(root, 'stick2'), '2.0.0', selfTest);
  const left = await apply(shelf, { ...rules, handOver: async () => undefined }, join(root, 'stick2'));
  assert.is(left.ok, false);
  const clock = { ms: 0 };
  const did: string[] = [];
  const stop = new AbortController();
  let asked = 0;
  const services: Services = {
    prove: async (release, afresh) => {
      did.push(`${afresh ? 'again' : 'start'} ${release}`);
      return how.proven ?? { ok: true };
    },
    restart: async () => void did.push('restart'),
    ask: async () => {
      asked += 1;
      if (asked > (how.stopAfter ?? 1000)) stop.abort();
      return how.word(asked);
    },
    lastLines: async () => 'the last lines',
  };
  const watched = {
    ...{ ...rules, services },
    monoMs: () => clock.ms,
    rest: async (ms: number) => {
      clock.ms += ms;
    },
  };
  const run = async () => {
    assert.ok((await boot(shelf, { ...rules, services })).ok);
    return await watch(shelf, watched, stop.signal);
  };
  return { root, run, did, clock, rules: { ...rules, services } };
}

test('what an update leaves the launcher switches, starts and keeps once the hub has the boot record', async () => {
  const { run, did, root } = await node('exit 0', { word: (nth) => (nth < 3 ? 'not-stored' : 'stored') });
  assert.equal(await run(), { name: 'steady', release: '2.0.0', previous: '1.0.0' });
  assert.equal(did, ['start 2.0.0']);
  assert.equal(readdirSync(join(root, 'releases')).sort(), ['1.0.0', '2.0.0']);
});

test('fourteen days without the hub change nothing', async () => {
  const { run, clock } = await node('exit 0', { word: () => undefined, stopAfter: 14 * 24 * 60 });
  assert.is((await run()).name, 'proving');
  assert.ok(clock.ms > 13 * 86_400_000, `${clock.ms} ms`);
});

test('the hub there for ten minutes without the boot record: the old release is back, restarted, with reason and last lines', async () => {
  const { run, did, clock } = await node('exit 0', { word: () => 'not-stored' });
  const state = await run();
  assert.equal(state.name === 'steady' && [state.release, state.back?.release, state.back?.log], [
    '1.0.0',
    '2.0.0',
    'the last lines',
  ]);
  assert.is(did.at(-1), 'restart');
  assert.is(clock.ms, 600_000);
});

test('a hub that comes and goes is there only between two answers', async () => {
  // Every second question is answered: no time between two answers is known.
  const { run } = await node('exit 0', { word: (nth) => (nth % 2 === 0 ? 'not-stored' : undefined), stopAfter: 200 });
  assert.is((await run()).name, 'proving');
});

test('a recorder that does not prove itself is started three times, then the old release is back with what it wrote', async () => {
  const { run, did } = await node('exit 0', {
    proven: { ok: false, why: 'no picture and no record in 120 s', log: 'camera: no frame' },
    word: () => 'stored',
  });
  const state = await run();
  assert.is(state.name === 'steady' ? state.release : '', '1.0.0');
  assert.is(state.name === 'steady' ? state.back?.log : '', 'camera: no frame');
  assert.equal(did, ['start 2.0.0', 'again 2.0.0', 'again 2.0.0', 'restart']);
});

test('a self-test that fails costs what runs nothing: it is restarted once, onto the old release', async () => {
  const { run, did } = await node('echo "bad configuration" >&2; exit 1', { word: () => 'stored' });
  const state = await run();
  assert.match(state.name === 'steady' ? (state.back?.whys[0] ?? '') : '', 'bad configuration');
  assert.equal(did, ['restart']);
});

test('a node is well once the hub has the boot record of what runs, and never while a release is on trial', async () => {
  for (const word of ['stored', 'not-stored', undefined] as const) {
    const { run, root, rules } = await node('exit 0', { word: () => 'stored' });
    const asked: string[] = [];
    const ask = async (release: string) => {
      asked.push(release);
      return word;
    };
    const say = async () => {
      const stop = new AbortController();
      let rests = 0;
      const rest = async () => {
        rests += 1;
        if (rests === 3) stop.abort();
      };
      return await well({ root, services: { ...rules.services, ask }, rest }, stop.signal);
    };
    assert.is(await say(), false);
    assert.equal(asked, []);
    await run();
    assert.is(await say(), word === 'stored');
    assert.equal(asked, word === 'stored' ? ['2.0.0'] : ['2.0.0', '2.0.0', '2.0.0']);
  }
});

test('a launcher that starts again and again during a start counts each', async () => {
  const { root, rules } = await node('exit 0', { word: () => undefined });
  for (let start = 0; start < 4; start++) assert.ok((await boot(shelf, rules)).ok);
  const state = readState(root);
  assert.is(state.name === 'steady' ? state.release : state.name, '1.0.0');
});

test("only the hub's signature over this question counts, and a hub that takes nothing says nothing", async () => {
  const [hub, other] = [makeKeyPair(undefined), makeKeyPair(undefined)];
  const path = join(base, 'hub.pub');
  writeFileSync(path, hub.publicPem);
  const answer = async (
    value: object,
    pem = hub.privatePem,
    typ: 'matlang-here' | 'matlang-receipt' = 'matlang-here',
  ) => readAnswer(await sign(JSON.stringify(value), typ, 'hub:xa', await readSigningKey(pem)), path, 'n1');
  const yes = { v: 1, aud: 'xa/mat', nonce: 'n1', hubMs: 1, taking: true, stored: true };
  assert.is(await answer(yes), 'stored');
  assert.is(await answer({ ...yes, stored: false }), 'not-stored');
  assert.is(await answer({ ...yes, stored: false, taking: false }), undefined);
  assert.is(await answer({ ...yes, nonce: 'n2' }), undefined);
  assert.is(await answer(yes, other.privatePem), undefined);
  assert.is(await answer(yes, hub.privatePem, 'matlang-receipt'), undefined);
  for (const text of ['', 'a.b', 'a.b.c.d', '{}']) assert.is(readAnswer(text, path, 'n1'), undefined);
});

test('services: another release that runs is restarted, and the recorder has proven itself when it says so', async () => {
  const runDir = join(base, 'run');
  mkdirSync(runDir);
  const say = (value: object) => writeFileSync(join(runDir, 'running.json'), JSON.stringify(value));
  const proof = { boot: '000017.9f3a2c1d', seq: 0, sha256: 'a'.repeat(64) };
  say({ v: 1, release: '1.0.0', proof });
  const ran: string[] = [];
  const services = systemServices({
    ...{ root: base, runDir, hubKey: join(base, 'hub.pub'), configArgs: [] },
    run: async (program, args) => {
      ran.push([program, ...args].slice(0, 2).join(' '));
      if (args[0] === 'restart') say({ v: 1, release: '2.0.0', proof });
      return { code: 0, told: 'its words' };
    },
  });
  assert.equal(await services.prove('2.0.0', false, 2000), { ok: true });
  assert.equal(ran, ['systemctl restart']);
  say({ v: 1, release: '2.0.0' });
  const hung = await services.prove('2.0.0', false, 700);
  assert.equal(hung, { ok: false, why: 'no picture and no record in 1 s', log: 'its words' });
  const ends = services.prove('2.0.0', false, 5000);
  setTimeout(() => writeFileSync(join(runDir, 'recorder-ended'), 'exit-code exited 1\n'), 100);
  assert.match(await ends.then((one) => (one.ok ? '' : one.why)), 'the recorder ended: exit-code exited 1');
});

test.run();
