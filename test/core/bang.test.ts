// The bang detector on drawn sounds: hits and false alarms are printed; `MATLANG_LONG` hears ten times as many, and real synthetic speech where espeak-ng is installed.
import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBangDetector } from '../../agent/core/bang.ts';
import { skipWhen } from '../support/skip.ts';
import * as sounds from '../support/sounds.ts';

const test = suite('core/bang');
const rules = { levelDb: -15, riseMs: 12 };
const long = process.env.MATLANG_LONG === '1';
const times = long ? 400 : 16;

/** Bangs heard, in frames as a microphone gives them. */
function heard(sound: sounds.Sound): number {
  const detector = createBangDetector(rules);
  const samples = sounds.toSamples(sound);
  let count = 0;
  for (let at = 0; at < samples.length; at += 512) count += detector.hear(samples.subarray(at, at + 512)).length;
  return count;
}

/** Something in a street that is `streetDb` loud at its peaks. */
function scene(luck: sounds.Chance, sound: sounds.Sound, peakDb: number, streetDb: number): sounds.Sound {
  const all = sounds.street(luck, 2 + sound.length / sounds.rate, streetDb);
  sounds.mix(all, sounds.atPeak(sound, peakDb), 1);
  return all;
}

const nuisances: Readonly<Record<string, (luck: sounds.Chance) => sounds.Sound>> = {
  speech: (luck) => sounds.speech(luck, 5),
  rain: (luck) => sounds.rain(luck, 5),
  horn: sounds.horn,
  thunder: sounds.thunder,
  engine: (luck) => sounds.engine(luck, 5),
  barks: sounds.barks,
};

test('bangs are heard, loud ones and middling ones, in a quiet street and beside traffic', () => {
  for (const [name, peak, street, least] of [
    ['loud bang, quiet street', [-6, -1], [-60, -45], 0.98],
    ['loud bang, traffic', [-6, -1], [-32, -26], 0.9],
    ['bang of -12 dB, quiet street', [-13, -11], [-60, -45], 0.95],
  ] as const) {
    const hits = Array.from({ length: times }, (_, seed) => {
      const luck = sounds.chance(seed + 1);
      return heard(scene(luck, sounds.bang(luck), luck.between(peak[0], peak[1]), luck.between(street[0], street[1])));
    });
    const share = hits.filter((count) => count > 0).length / times;
    console.log(`\n${name}: ${hits.filter((count) => count > 0).length} of ${times} heard`);
    assert.ok(share >= least, `${name}: ${share}`);
    assert.not(
      hits.some((count) => count > 1),
      'a bang and its echoes are one',
    );
  }
});

test('quieter than the level that was asked for, a bang is none', () => {
  const luck = sounds.chance(5);
  assert.is(heard(scene(luck, sounds.bang(luck), -20, -60)), 0);
});

for (const [name, make] of Object.entries(nuisances)) {
  test(`${name}, as loud as a bang, is none`, () => {
    let seconds = 0;
    let alarms = 0;
    for (let seed = 0; seed < times; seed++) {
      const luck = sounds.chance(seed + 1000);
      const sound = scene(luck, make(luck), luck.between(-9, -1), luck.between(-60, -35));
      seconds += sound.length / sounds.rate;
      alarms += heard(sound);
    }
    console.log(`\n${name}: ${alarms} false alarms in ${times} pieces, ${Math.round(seconds)} s`);
    assert.ok(alarms <= times * 0.02, `${alarms} false alarms in ${times}`);
  });
}

test('a second of sound costs a small part of a second', () => {
  const luck = sounds.chance(9);
  const samples = sounds.toSamples(sounds.rain(luck, 10));
  const detector = createBangDetector(rules);
  const startMs = performance.now();
  detector.hear(samples);
  console.log(`\n10 s of rain: ${(performance.now() - startMs).toFixed(1)} ms`);
});

const espeak = spawnSync('espeak-ng', ['--version']).status === 0;
const spoken = skipWhen(!long ? 'heard in the long run only' : espeak ? undefined : 'espeak-ng is not installed')(test);
spoken('Vietnamese and English speech of a synthesiser raises no alarm', () => {
  const lines = [
    'Xin chào bà con, hôm nay chợ họp sớm.',
    'Có cướp! Giúp tôi với! Bắt lấy nó!',
    'Stop! Help! Put that down!',
  ];
  let alarms = 0;
  let pieces = 0;
  for (const voice of ['vi', 'en', 'vi+f3', 'en+m5'])
    for (const line of lines)
      for (const peakDb of [-12, -6, -1]) {
        const said = spawnSync('espeak-ng', ['-v', voice, '--stdout', line]);
        const luck = sounds.chance(pieces + 1);
        const sound = scene(luck, resampled(said.stdout), peakDb, -50);
        alarms += heard(sound);
        pieces += 1;
      }
  console.log(`\nspoken by espeak-ng: ${alarms} false alarms in ${pieces} sentences`);
  assert.ok(alarms <= pieces * 0.03, String(alarms));
});

/** A WAV of 22,050 Hz, as espeak-ng writes it, at our rate. */
function resampled(wav: Buffer): sounds.Sound {
  const data = wav.subarray(44);
  const count = Math.floor(((data.length / 2) * sounds.rate) / 22_050);
  return Float64Array.from({ length: count }, (_, index) => {
    const at = Math.floor((index * 22_050) / sounds.rate);
    return data.length >= at * 2 + 2 ? data.readInt16LE(at * 2) / 32_768 : 0;
  });
}

test.run();
