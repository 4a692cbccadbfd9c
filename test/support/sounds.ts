// Sounds of a village road, made from a seed: 16 kHz, one channel. Drawn by hand, not recorded: figures over them say how the detector behaves on such shapes, no more.

export type Sound = Float64Array;
export const rate = 16_000;

export interface Chance {
  /** 0 to 1. */
  next(): number;
  between(low: number, high: number): number;
}

/** Mulberry32: small, and the same everywhere. */
export function chance(seed: number): Chance {
  const at = { state: seed >>> 0 };
  const next = () => {
    at.state = (at.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(at.state ^ (at.state >>> 15), 1 | at.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, between: (low, high) => low + (high - low) * next() };
}

const seconds = (length: number): Sound => new Float64Array(Math.round(length * rate));
const noise = (luck: Chance) => luck.next() * 2 - 1;
const fromDb = (db: number) => 10 ** (db / 20);

/** Scaled so that its peak is `db` below full scale. */
export function atPeak(sound: Sound, db: number): Sound {
  let peak = 0;
  for (const sample of sound) peak = Math.max(peak, Math.abs(sample));
  const factor = peak === 0 ? 0 : fromDb(db) / peak;
  return sound.map((sample) => sample * factor);
}

/** One pole; `hz` is where it begins to fall. */
function lowPass(sound: Sound, hz: number): Sound {
  const share = 1 - Math.exp((-2 * Math.PI * hz) / rate);
  let held = 0;
  return sound.map((sample) => {
    held += share * (sample - held);
    return held;
  });
}

export function mix(into: Sound, sound: Sound, fromS: number): void {
  const offset = Math.round(fromS * rate);
  for (let index = 0; index < sound.length && offset + index < into.length; index++)
    into[offset + index] = (into[offset + index] ?? 0) + (sound[index] ?? 0);
}

/** A street at rest: wind and far traffic. */
export function street(luck: Chance, lengthS: number, db: number): Sound {
  const made = seconds(lengthS);
  for (let index = 0; index < made.length; index++) made[index] = noise(luck);
  return atPeak(lowPass(made, 800), db);
}

/** A blast: a front of a millisecond, a decay of 8 to 50 ms, some echoes from walls. */
export function bang(luck: Chance): Sound {
  const made = seconds(1.2);
  const decayS = luck.between(0.008, 0.05);
  const echoes = Array.from({ length: 4 }, () => ({ atS: luck.between(0.01, 0.2), gain: luck.between(0.03, 0.25) }));
  for (const { atS, gain } of [{ atS: 0, gain: 1 }, ...echoes]) {
    const begin = Math.round(atS * rate);
    for (let index = begin; index < made.length; index++) {
      const ageS = (index - begin) / rate;
      made[index] = (made[index] ?? 0) + gain * noise(luck) * Math.exp(-ageS / decayS);
    }
  }
  return lowPass(made, luck.between(1500, 6000));
}

/** Harmonics under a moving pitch, syllables of 80 to 250 ms with plosives between them. */
export function speech(luck: Chance, lengthS: number): Sound {
  const made = seconds(lengthS);
  const pitchHz = luck.between(90, 260);
  let atS = 0;
  while (atS < lengthS - 0.4) {
    const lastS = luck.between(0.08, 0.25);
    const hz = pitchHz * luck.between(0.85, 1.25);
    const begin = Math.round(atS * rate);
    const count = Math.round(lastS * rate);
    const attackS = luck.between(0.01, 0.04);
    for (let index = 0; index < count; index++) {
      const t = index / rate;
      const shape = Math.min(1, t / attackS) * Math.min(1, (lastS - t) / 0.04);
      let sample = 0;
      for (let harmonic = 1; harmonic <= 12; harmonic++)
        sample += Math.sin(2 * Math.PI * hz * harmonic * t) / harmonic ** 1.2;
      made[begin + index] = (made[begin + index] ?? 0) + shape * sample;
    }
    // A plosive: a burst of noise, weaker than the vowel.
    const burst = Math.round(0.012 * rate);
    for (let index = 0; index < burst; index++)
      made[begin + index] = (made[begin + index] ?? 0) + 0.4 * noise(luck) * (1 - index / burst);
    atS += lastS + luck.between(0.02, 0.3);
  }
  return made;
}

/** A hiss of many drops, and single ones on the box. */
export function rain(luck: Chance, lengthS: number): Sound {
  const made = seconds(lengthS);
  for (let index = 0; index < made.length; index++) made[index] = noise(luck) * 0.5;
  for (let drops = luck.between(5, 40) * lengthS; drops > 0; drops--) {
    const begin = Math.floor(luck.next() * made.length);
    const gain = luck.between(0.5, 2);
    for (let index = 0; index < 160 && begin + index < made.length; index++)
      made[begin + index] = (made[begin + index] ?? 0) + gain * noise(luck) * Math.exp(-index / 40);
  }
  return made;
}

/** Two tones a third apart with their harmonics, as on cars and motorbikes. */
export function horn(luck: Chance): Sound {
  const lastS = luck.between(0.15, 2);
  const made = seconds(lastS);
  const hz = luck.between(320, 520);
  const attackS = luck.between(0.005, 0.04);
  for (let index = 0; index < made.length; index++) {
    const t = index / rate;
    const shape = Math.min(1, t / attackS) * Math.min(1, (lastS - t) / 0.03);
    let sample = 0;
    for (const tone of [hz, hz * 1.25])
      for (let harmonic = 1; harmonic <= 8; harmonic++)
        sample += Math.sin(2 * Math.PI * tone * harmonic * t) / harmonic;
    made[index] = shape * sample;
  }
  return made;
}

/** Rolling: noise below 300 Hz that swells over 0.15 to 1 s and dies over seconds. */
export function thunder(luck: Chance): Sound {
  const made = seconds(6);
  const swells = Array.from({ length: 5 }, () => ({
    atS: luck.between(0, 2.5),
    riseS: luck.between(0.15, 1),
    fallS: luck.between(0.5, 2),
    gain: luck.between(0.3, 1),
  }));
  for (let index = 0; index < made.length; index++) {
    const t = index / rate;
    let shape = 0;
    for (const { atS, riseS, fallS, gain } of swells) {
      const age = t - atS;
      if (age > 0) shape += gain * Math.min(1, age / riseS) * Math.exp(-Math.max(0, age - riseS) / fallS);
    }
    made[index] = shape * noise(luck);
  }
  return lowPass(lowPass(made, 300), 300);
}

/** A motorbike that passes: firing at 30 to 90 Hz under a swell. */
export function engine(luck: Chance, lengthS: number): Sound {
  const made = seconds(lengthS);
  const hz = luck.between(30, 90);
  for (let index = 0; index < made.length; index++) {
    const t = index / rate;
    const swell = Math.exp(-(((t - lengthS / 2) / (lengthS / 4)) ** 2));
    const phase = (t * hz) % 1;
    made[index] = swell * (Math.exp(-phase * 8) * 2 - 0.5 + 0.2 * noise(luck));
  }
  return made;
}

/** Two to five barks of a dog nearby: harsh, with a pitch. */
export function barks(luck: Chance): Sound {
  const made = seconds(3);
  const hz = luck.between(350, 800);
  for (let bark = 0; bark < Math.round(luck.between(2, 5)); bark++) {
    const begin = Math.round((bark * 0.5 + luck.between(0, 0.15)) * rate);
    const lastS = luck.between(0.1, 0.22);
    for (let index = 0; index < lastS * rate && begin + index < made.length; index++) {
      const t = index / rate;
      const shape = Math.min(1, t / 0.012) * Math.min(1, (lastS - t) / 0.05);
      let sample = 0.25 * noise(luck);
      for (let harmonic = 1; harmonic <= 6; harmonic++)
        sample += Math.sin(2 * Math.PI * hz * (1 - t) * harmonic * t) / harmonic;
      made[begin + index] = (made[begin + index] ?? 0) + shape * sample;
    }
  }
  return made;
}

export function toSamples(sound: Sound): Int16Array {
  return Int16Array.from(sound, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767))));
}
