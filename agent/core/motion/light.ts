// The light over the whole picture: how today's grey levels follow from the background's, and how noisy they are.
//
//   now ≈ gain · background + offset
//
// Auto-exposure, clouds and lamps change all pixels together; a subject changes a minority. So the line that the most pixels agree with is the light:
// a few candidates are counted, the best is refined by least squares over those that agree with it.

export interface Light {
  gain: number;
  offset: number;
  /** Standard deviation of one pixel, grey levels. */
  noise: number;
  /** Part of the sampled pixels that agree with the line, 0 to 1. */
  agreed: number;
}

/** With fewer in agreement one light does not explain the picture. */
const evenMin = 0.9;

export const isUneven = (light: Light): boolean => light.agreed < evenMin;

export interface LightMeter {
  readonly light: Light;
  /** Looks at about 1,600 pixels. `held` says which 2x2 cells belong to subjects and have no say. */
  read(pixels: Uint8Array, mean: Float32Array, held: Uint8Array): void;
  reset(): void;
}

const samplesWanted = 1600;
/** With fewer free pixels than this the subjects' own are asked too: the rest would be chance. */
const samplesMin = 400;
/**
 * Under this no line holds for the picture. The sun, the camera's exposure and its curve multiply grey levels; so the middle ratio stands for the light, and
 * what is expected under uneven light (shade.ts) is then the same whichever ratio that is.
 */
const lineMin = 0.6;
/** When the last light still explains this much, no other candidate is tried. */
const agreedWell = 0.93;
/** With a third of the picture covered, one of so many pairs is free of it but for one time in a thousand. */
const drawsMax = 24;
/** While the last light explains about as much as it did, only so many of them are tried in a picture, others in the next. */
const drawsSteady = 4;
const steadyFall = 0.1;
/** And another must explain so much more of the picture: of a street half in the sun either line is right, but not now one and now the other. */
const steadyPart = 0.1;
/** A line through a pair is first asked of every so many-th sample: what loses there would lose everywhere. */
const sift = 4;
const siftedPart = 0.9;
const golden = 0.6180339887498949;
/** Grey levels between two samples that can tell a gain. */
const apartMin = 25;
/** Grey levels near black and white are clipped and say nothing about gain. */
const clippedLow = 3;
const clippedHigh = 251;
/** Pulls the gain to the candidate's where the picture has little contrast to measure it with: equals this many samples one grey level off the mean. */
const gainPrior = 2000;
/**
 * What is off more than the grain of neighbours accounts for is light that is not the same everywhere, not noise: at most so many grey levels of it, or times
 * the grain. Else the shadow of a cloud would raise the bar over the whole picture, and the line would fit ever more loosely.
 */
const unevenMax = 1.5;
const unevenTimes = 1.5;

/** Per bin of an eighth of a grey level: deviation of a normal distribution whose absolute values have their median there. */
const deviations = Float64Array.from({ length: 1024 }, (_, bin) => (1.4826 * (bin + 0.5)) / 8);

export function createLightMeter(width: number, height: number): LightMeter {
  const stride = Math.max(1, Math.round(Math.sqrt((width * height) / samplesWanted)));
  const xs = new Float32Array(Math.ceil(width / stride) * Math.ceil(height / stride));
  const ys = new Float32Array(xs.length);
  const bins = new Uint16Array(1024);
  const light: Light = { gain: 1, offset: 0, noise: 1, agreed: 1 };
  const cellsWide = Math.ceil(width / 2);

  /** Fills `xs` and `ys`, and `bins` with how neighbours differ from what the last light says of them: light cancels out, noise does not. */
  function sample(pixels: Uint8Array, mean: Float32Array, held: Uint8Array | undefined): number {
    const { gain } = light;
    let count = 0;
    bins.fill(0);
    for (let y = stride >> 1; y < height; y += stride) {
      for (let x = stride >> 1; x < width; x += stride) {
        const now = pixels[y * width + x] ?? 0;
        const before = mean[y * width + x] ?? 0;
        if (now < clippedLow || now > clippedHigh || before < clippedLow || before > clippedHigh) continue;
        if (held !== undefined && held[(y >> 1) * cellsWide + (x >> 1)] !== 0) continue;
        xs[count] = before;
        ys[count] = now;
        const beside = y * width + (x + 1 < width ? x + 1 : x - 1);
        const off = Math.abs((pixels[beside] ?? 0) - now - gain * ((mean[beside] ?? 0) - before));
        const bin = Math.min(1023, Math.floor(off * 8));
        bins[bin] = (bins[bin] ?? 0) + 1;
        count++;
      }
    }
    return count;
  }

  /** How many of every `every`th sample agree with the line `asked`. Stops, with too few, once more than `least` cannot be reached. */
  function agreeing(count: number, every: number, least: number): number {
    const { gain, offset, tolerance } = asked;
    let agreed = 0;
    let left = Math.ceil(count / every) - least;
    for (let i = 0; i < count; i += every) {
      const off = (ys[i] ?? 0) - gain * (xs[i] ?? 0) - offset;
      if (off < tolerance && off > -tolerance) agreed++;
      else if (--left <= 0) return agreed;
    }
    return agreed;
  }

  /** The bin below which half of `total` lie. */
  function middle(total: number): number {
    let seen = 0;
    for (let i = 0; i < bins.length; i++) {
      seen += bins[i] ?? 0;
      if (seen * 2 >= total) return i;
    }
    return bins.length - 1;
  }

  /** The line that is asked for. In fields: numbers that are handed over are made anew each time. */
  const asked = { gain: 1, offset: 0, tolerance: 0 };
  const best = { gain: 1, offset: 0, agreed: 0 };
  const running = { drawn: 0 };
  function propose(count: number, gain: number, offset: number): void {
    asked.gain = gain;
    asked.offset = offset;
    ask(count);
  }

  function ask(count: number): void {
    if (!(asked.gain > 0.2 && asked.gain < 5)) return;
    const least = (best.agreed * siftedPart) / sift;
    if (agreeing(count, sift, least) <= least) return;
    const agreed = agreeing(count, 1, best.agreed);
    if (agreed <= best.agreed) return;
    best.gain = asked.gain;
    best.offset = asked.offset;
    best.agreed = agreed;
  }

  /** Lines through pairs of samples (RANSAC with fixed pairs: the same picture gives the same light everywhere), and through one sample and the origin. */
  function proposeOthers(count: number): void {
    const isSteady = best.agreed > (light.agreed - steadyFall) * count;
    if (isSteady) best.agreed += steadyPart * count;
    propose(count, 1, 0);
    const first = isSteady ? running.drawn + 1 : 1;
    running.drawn = isSteady ? (running.drawn + drawsSteady) % drawsMax : 0;
    const last = first + (isSteady ? drawsSteady : drawsMax) - 1;
    for (let draw = first; draw <= last && best.agreed < agreedWell * count; draw++) {
      const one = Math.floor(count * ((draw * golden) % 1));
      const other = Math.floor(count * ((draw * golden * golden * 7) % 1));
      const x = xs[one] ?? 0;
      const y = ys[one] ?? 0;
      const apart = x - (xs[other] ?? 0);
      propose(count, y / x, 0);
      if (Math.abs(apart) < apartMin) continue;
      const gain = (y - (ys[other] ?? 0)) / apart;
      propose(count, gain, y - gain * x);
    }
  }

  function refine(count: number): void {
    const { tolerance } = asked;
    let total = 0;
    let sumX = 0;
    let sumY = 0;
    let sumXx = 0;
    let sumXy = 0;
    for (let i = 0; i < count; i++) {
      const x = xs[i] ?? 0;
      const y = ys[i] ?? 0;
      const off = y - best.gain * x - best.offset;
      if (off > tolerance || off < -tolerance) continue;
      total++;
      sumX += x;
      sumY += y;
      sumXx += x * x;
      sumXy += x * y;
    }
    if (total === 0) return;
    const middleX = sumX / total;
    const middleY = sumY / total;
    const spread = sumXx - total * middleX * middleX + gainPrior;
    const along = sumXy - total * middleX * middleY + gainPrior * best.gain;
    best.gain = along / spread;
    best.offset = middleY - best.gain * middleX;
  }

  /** The median of now over before. */
  function ratioOf(count: number): number {
    bins.fill(0);
    for (let i = 0; i < count; i++) {
      const y = ys[i] ?? 0;
      const bin = Math.floor((bins.length * y) / (y + (xs[i] ?? 0)));
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const step = middle(count) + 0.5;
    return step / (bins.length - step);
  }

  /** From what all samples are off. No subject under half the picture disturbs it. */
  function noiseBin(count: number): number {
    bins.fill(0);
    for (let i = 0; i < count; i++) {
      const off = Math.abs((ys[i] ?? 0) - light.gain * (xs[i] ?? 0) - light.offset);
      const bin = Math.min(1023, Math.floor(off * 8));
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    return middle(count);
  }

  function read(pixels: Uint8Array, mean: Float32Array, held: Uint8Array): void {
    let count = sample(pixels, mean, held);
    if (count < samplesMin) count = sample(pixels, mean, undefined);
    if (count < samplesMin / 4) return; // All black or all white: nothing to measure with.
    // A rise counts at once: gain that is turned up must not flood the picture.
    const grain = (deviations[middle(count)] ?? 0) * Math.SQRT1_2;
    const noiseMax = Math.max(unevenMax, unevenTimes * grain);
    light.noise = Math.min(noiseMax, Math.max(light.noise, grain));
    asked.tolerance = 2 + 2.5 * light.noise;
    best.agreed = 0;
    propose(count, light.gain, light.offset);
    if (best.agreed < agreedWell * count) proposeOthers(count);
    asked.gain = best.gain;
    asked.offset = best.offset;
    light.agreed = agreeing(count, 1, -1) / count;
    if (light.agreed < lineMin) {
      light.gain = ratioOf(count);
      light.offset = 0;
    } else {
      refine(count);
      refine(count);
      light.gain = best.gain;
      light.offset = best.offset;
    }
    light.noise += 0.3 * (Math.min(noiseMax, deviations[noiseBin(count)] ?? 0) - light.noise);
  }

  return {
    light,
    read,
    reset: () => {
      light.gain = 1;
      light.offset = 0;
      light.agreed = 1;
      running.drawn = 0;
    },
  };
}
