// Is that a bang? A shot, an explosion, a crash: loud, risen within milliseconds out of what was there before, noise rather than tone, and falling at once.
// Pure: frames of samples in, verdicts out; nothing of the sound is kept but a quarter of a second while a verdict is open.
//
//              level jumps by riseDb within riseMs, to levelDb               after lookMs: has it fallen, and was it noise?
//   listening ────────────────────────────────────────────────▶ judging ─────────────────────────────────────────────────▶ bang, or nothing
//       ▲                                                                                          │
//       └──────────────────────────────────────────── restMs later ◀───────────────────────────────┘

export interface BangRules {
  /** Peak level it must reach, dB below full scale (negative). */
  readonly levelDb: number;
  /** It must rise to its peak within this. */
  readonly riseMs: number;
}

export interface Bang {
  readonly peakDb: number;
  /** Above what was heard before it. */
  readonly riseDb: number;
  /** How far it had fallen a quarter of a second after its peak. */
  readonly fallDb: number;
  /** 0 is noise, 1 a pure tone. */
  readonly tone: number;
}

export const bangSampleRate = 16_000;
const hopMs = 4;
const hop = (bangSampleRate * hopMs) / 1000;
/** How much louder than the loudest of the half second before: rain, talk and engines are not. */
const riseDbMin = 15;
const beforeHops = 500 / hopMs;
/** A verdict is passed so long after the rise. */
const lookMs = 280;
const lookSamples = (bangSampleRate * lookMs) / 1000;
/** By then a bang has fallen this far below its peak; a horn, a shout and an engine have not. */
const fallDbMin = 16;
const tailHops = 40 / hopMs;
/** Periodicity in the range of voices, horns and barks (80 to 1,000 Hz): above this it is a tone. */
const toneMax = 0.72;
const toneSamples = 1024;
const lagMin = 16;
const lagMax = 200;
/** One bang and its echoes are one bang. */
const restMs = 1000;
const silenceDb = -90;

export interface BangDetector {
  /** 16-bit samples at 16 kHz, one channel, of any length; what was decided within them. */
  hear(samples: Int16Array): readonly Bang[];
}

export function createBangDetector(rules: BangRules): BangDetector {
  /** Peak levels of the hops before now, a ring. */
  const before = new Float64Array(beforeHops).fill(silenceDb);
  const riseHops = Math.max(1, Math.round(rules.riseMs / hopMs));
  const kept = new Int16Array(lookSamples);
  const at = { hopPeak: 0, hopFill: 0, hops: 0, judging: false, filled: 0, beforeDb: 0, onsetDb: 0, restUntilHop: 0 };

  const endHop = (): boolean => {
    const db = toDb(at.hopPeak);
    at.hopPeak = 0;
    at.hopFill = 0;
    // What rises slowly is in the ring, up to riseMs ago, before it is loud.
    const beforeDb = loudest(before, at.hops, riseHops);
    before[at.hops % beforeHops] = db;
    at.hops += 1;
    if (at.judging || at.hops < at.restUntilHop || db < rules.levelDb || db - beforeDb < riseDbMin) return false;
    at.beforeDb = beforeDb;
    at.onsetDb = db;
    return true;
  };
  const verdict = (): Bang | undefined => {
    at.judging = false;
    const peakDb = Math.max(at.onsetDb, toDb(peakOf(kept, 0, lookSamples)));
    const tailDb = toDb(peakOf(kept, lookSamples - tailHops * hop, lookSamples));
    const found = { peakDb, riseDb: peakDb - at.beforeDb, fallDb: peakDb - tailDb, tone: toneOf(kept) };
    if (found.fallDb < fallDbMin || found.tone > toneMax) return undefined;
    at.restUntilHop = at.hops + restMs / hopMs;
    return found;
  };
  const take = (sample: number, found: Bang[]): void => {
    if (at.judging) {
      kept[at.filled] = sample;
      at.filled += 1;
      if (at.filled === lookSamples) {
        const bang = verdict();
        if (bang !== undefined) found.push(bang);
      }
    }
    at.hopPeak = Math.max(at.hopPeak, Math.abs(sample));
    at.hopFill += 1;
    if (at.hopFill === hop && endHop()) {
      at.judging = true;
      at.filled = 0;
    }
  };
  return {
    hear: (samples) => {
      const found: Bang[] = [];
      for (const sample of samples) take(sample, found);
      return found;
    },
  };
}

const toDb = (peak: number): number => (peak === 0 ? silenceDb : 20 * Math.log10(peak / 32_768));

/** Of the ring, all but the newest `less` hops. */
function loudest(ring: Float64Array, hops: number, less: number): number {
  let most = silenceDb;
  for (let back = less + 1; back <= ring.length; back++) {
    const db = ring[(hops - back + ring.length * 2) % ring.length];
    if (db !== undefined && db > most) most = db;
  }
  return most;
}

function peakOf(samples: Int16Array, from: number, to: number): number {
  let most = 0;
  for (let index = from; index < to; index++) most = Math.max(most, Math.abs(samples[index] ?? 0));
  return most;
}

/** The best normalised autocorrelation over the lags of a voice or a horn. */
function toneOf(samples: Int16Array): number {
  let best = 0;
  for (let lag = lagMin; lag <= lagMax; lag++) {
    let product = 0;
    let here = 0;
    let there = 0;
    for (let index = 0; index < toneSamples; index++) {
      const a = samples[index] ?? 0;
      const b = samples[index + lag] ?? 0;
      product += a * b;
      here += a * a;
      there += b * b;
    }
    const likeness = here === 0 || there === 0 ? 0 : product / Math.sqrt(here * there);
    if (likeness > best) best = likeness;
  }
  return best;
}
