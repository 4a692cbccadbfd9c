import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { framesOf, listen } from '../../hal/microphone.ts';
import type { EarState, Sound } from '../../hal/ports.ts';
import { openSound, type SoundRules } from '../../hal/sound.ts';
import { startEngine } from '../../hal/voice-engine.ts';
import { atPeak, bang, chance, mix, street, toSamples } from '../support/sounds.ts';
import { until } from '../support/until.ts';

const test = suite('hal/sound');
const folder = await mkdtemp(join(tmpdir(), 'matlang-sound-'));
const keyFile = join(folder, 'key.txt');
const badKey = 'bm90LWEta2V5LW5vdC1hLWtleQ==';
await writeFile(keyFile, `${badKey}\n`);
test.after(() => rm(folder, { recursive: true }));

const module = await import('@picovoice/porcupine-node').then(
  () => true,
  () => false,
);
const withModule = module ? test : test.skip;
if (!module) console.log('SKIP: @picovoice/porcupine-node is not installed');

const child = fileURLToPath(new URL('../../agent/recorder/sound-child.ts', import.meta.url));
const keyword = { accessKeyFile: keyFile, keyword: 'PORCUPINE' };

/** Listens until it ends by itself; fails after 10 s. */
async function listenToEnd(rules: Partial<SoundRules>): Promise<ReturnType<Sound['state']>> {
  const sound = openSound({ child, monoMs: () => 0, ...rules });
  for await (const heard of sound.heard(AbortSignal.timeout(10_000))) assert.unreachable(JSON.stringify(heard));
  return sound.state();
}

/** The first state of each ear that is not "starting". */
async function firstStates(rules: Partial<SoundRules>): Promise<Record<'keyword' | 'bang', EarState>> {
  const sound = openSound({ child, monoMs: () => 0, ...rules });
  const stop = new AbortController();
  const ended = (async () => {
    for await (const heard of sound.heard(stop.signal)) assert.unreachable(JSON.stringify(heard));
  })();
  await until('an answer of each ear', () => Object.values(sound.state()).every(({ text }) => text !== 'starting'));
  const found = sound.state();
  stop.abort();
  await ended;
  return found;
}

test('switched off, both ears are off', async () => {
  const { keyword: one, bang: other } = await listenToEnd({});
  assert.equal([one.state, other.state], ['off', 'off']);
});

test('without a key file, or with an empty one, the state is no-key', async () => {
  const empty = join(folder, 'empty');
  await writeFile(empty, '\n');
  for (const accessKeyFile of ['', join(folder, 'absent'), empty]) {
    assert.is((await listenToEnd({ keyword: { ...keyword, accessKeyFile } })).keyword.state, 'no-key');
  }
});

test('a keyword that cannot be had does not keep anybody from hearing bangs', async () => {
  await standIn('exec cat /dev/zero');
  const rules = { keyword: { ...keyword, accessKeyFile: '' }, bang: { levelDb: -15, riseMs: 12 }, env: standInEnv };
  const found = await firstStates(rules);
  assert.equal([found.keyword.state, found.bang.state], ['no-key', 'listening']);
});

test('a bang at the microphone is heard once, with its figures', async () => {
  const luck = chance(3);
  const scene = street(luck, 3, -50);
  mix(scene, atPeak(bang(luck), -3), 1.5);
  const pcm = join(folder, 'bang.pcm');
  await writeFile(pcm, Buffer.from(toSamples(scene).buffer));
  await standIn(`cat ${pcm}; exec sleep 100`);
  const sound = openSound({ child, monoMs: () => 42, bang: { levelDb: -15, riseMs: 12 }, env: standInEnv });
  for await (const { is, text, monoMs } of sound.heard(AbortSignal.timeout(10_000))) {
    assert.equal([is, monoMs], ['bang', 42]);
    assert.match(text, /^bang: -3 dB, \d+ dB above before/);
    return;
  }
  assert.unreachable('nothing was heard');
});

test('a microphone that is not there is a state of the bangs', async () => {
  await standIn('echo "audio open error: No such device" >&2; exit 1');
  const { bang: ear } = await firstStates({ bang: { levelDb: -15, riseMs: 12 }, env: standInEnv });
  assert.equal([ear.state, ear.text], ['no-microphone', 'audio open error: No such device']);
});

withModule('a bad key is refused by the real engine, and not repeated in the text', async () => {
  const { state, text } = (await listenToEnd({ keyword })).keyword;
  assert.is(state, 'bad-key');
  assert.not(text.includes(badKey), text);
});

withModule('a keyword the engine does not know is named, with those it knows', async () => {
  const started = await startEngine(badKey, 'CỨU VỚI');
  assert.is(started.ok ? '' : started.state, 'failed');
  assert.match(started.ok ? '' : started.text, /porcupine.*not CỨU VỚI/);
});

test('an absent module is a state', async () => {
  const started = await startEngine('key', 'porcupine', () => Promise.reject(new Error('Cannot find package\nfrom x')));
  assert.equal(started, {
    ok: false,
    state: 'no-module',
    text: '@picovoice/porcupine-node cannot be loaded: Error: Cannot find package',
  });
});

/** Porcupine's face over an engine that does what the test says. */
const engineThat = (construct: () => { process(frame: Int16Array): number }) => () =>
  Promise.resolve({
    BuiltinKeyword: { PORCUPINE: 'porcupine' },
    Porcupine: function Porcupine() {
      return { frameLength: 512, release: () => undefined, ...construct() };
    },
  } as never);

test('a processor the engine does not know, an activation refused, and any other failure are told apart', async () => {
  class PorcupineActivationRefusedError extends Error {}
  for (const [thrown, state] of [
    [new Error("Unsupported CPU: '0xb76'"), 'unsupported-cpu'],
    ['System linux/riscv64 is not supported by this library.', 'unsupported-cpu'],
    [new PorcupineActivationRefusedError('refused'), 'bad-key'],
    [new Error('File not found at modelPath'), 'failed'],
  ] as const) {
    const load = engineThat(() => {
      throw thrown;
    });
    const started = await startEngine('secret', 'porcupine', load);
    assert.is(started.ok ? '' : started.state, state);
  }
});

test('an engine that starts hears its keyword', async () => {
  const started = await startEngine(
    'secret',
    'PORCUPINE',
    engineThat(() => ({ process: (frame) => (frame[0] === 7 ? 0 : -1) })),
  );
  assert.ok(started.ok);
  if (!started.ok) return;
  assert.is(started.engine.process(Int16Array.of(7)), true);
  assert.is(started.engine.process(Int16Array.of(0)), false);
});

test('no arecord, and an arecord without a sound card, end with the reason', async () => {
  const absent = await listen(512, AbortSignal.timeout(5000), { PATH: '/usr/bin/nowhere:/usr/bin' }).next();
  // Where a real arecord and sound card are, sound comes; here it does not.
  if (absent.done === true) assert.ok(absent.value.text.length > 0);
  await standIn('echo "arecord: main:830: audio open error: No such file or directory" >&2; exit 1');
  const cardless = await listen(512, AbortSignal.timeout(5000), standInEnv).next();
  assert.ok(cardless.done);
  if (cardless.done) assert.match(cardless.value.text, 'audio open error');
});

test('sound comes in frames, and the signal ends it and its program', async () => {
  await standIn(`echo $$ > ${folder}/pid; exec cat /dev/zero`);
  const stop = new AbortController();
  const sound = listen(512, stop.signal, standInEnv);
  for (let count = 0; count < 50; count++) {
    const next = await sound.next();
    assert.is(next.done === true ? 0 : next.value.length, 512);
  }
  stop.abort();
  while (!(await sound.next()).done);
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  assert.throws(() => process.kill(pid, 0), 'ESRCH');
});

test('frames hold the samples in order, however the bytes were cut', async () => {
  const seed = Date.now() & 0xffff;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 30 })),
      fc.integer({ min: 1, max: 9 }),
      async (chunks, length) => {
        const all = Buffer.concat(chunks);
        const samples: number[] = [];
        for await (const frame of framesOf(from(chunks), length)) samples.push(...frame);
        assert.is(samples.length, Math.floor(all.length / 2 / length) * length, `seed ${seed}`);
        samples.forEach((sample, index) => void assert.is(sample, all.readInt16LE(index * 2), `seed ${seed}`));
      },
    ),
    { seed },
  );
});

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const standInEnv = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
/** An `arecord` of our own. */
async function standIn(script: string): Promise<void> {
  await writeFile(join(folder, 'arecord'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'arecord'), 0o755);
}

test.run();
