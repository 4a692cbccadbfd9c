import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { framesOf, listen } from '../../hal/microphone.ts';
import type { Voice } from '../../hal/ports.ts';
import { openVoice } from '../../hal/voice.ts';
import { startEngine } from '../../hal/voice-engine.ts';

const test = suite('hal/voice');
const folder = await mkdtemp(join(tmpdir(), 'matlang-voice-'));
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

/** Listens until it ends by itself; fails after 10 s. */
async function listenToEnd(rules: Partial<Parameters<typeof openVoice>[0]>): Promise<ReturnType<Voice['state']>> {
  const voice = openVoice({ enabled: true, accessKeyFile: keyFile, keyword: 'PORCUPINE', monoMs: () => 0, ...rules });
  for await (const heard of voice.heard(AbortSignal.timeout(10_000))) assert.unreachable(JSON.stringify(heard));
  return voice.state();
}

test('switched off, it is off', async () => {
  assert.is((await listenToEnd({ enabled: false })).state, 'off');
});

test('without a key file, or with an empty one, the state is no-key', async () => {
  const empty = join(folder, 'empty');
  await writeFile(empty, '\n');
  for (const accessKeyFile of ['', join(folder, 'absent'), empty]) {
    assert.is((await listenToEnd({ accessKeyFile })).state, 'no-key');
  }
});

withModule('a bad key is refused by the real engine, and not repeated in the text', async () => {
  const { state, text } = await listenToEnd({});
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
