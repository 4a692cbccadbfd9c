// Grey pictures to subjects. The steps, each in its own file:
//
//   light ─▶ background ─▶ blobs ─▶ evidence ─▶ tracks ─▶ what is seen ─▶ background learns
//
// Nothing is allocated per picture while nothing moves; what is seen is one object, filled anew each time.
import type { GreyFrame } from '../../../hal/ports.ts';
import type { Box } from '../../../protocol/details.ts';
import type { Level } from '../../../protocol/manifest.ts';
import type { MotionConfig } from '../config/schema.ts';
import { createBackground, treatments, warmUpPictures } from './background.ts';
import { blobsMax, createBlobFinder } from './blobs.ts';
import { looksLike, weigh } from './evidence.ts';
import { createLightMeter } from './light.ts';
import { type Language, reasonIn } from './reason.ts';
import { createRestless } from './restless.ts';
import { createTracker, type Track } from './tracks.ts';
import { drawZones } from './zones.ts';

export type MotionRules = MotionConfig;

/** What was seen and did not count in this picture, by the rule that held it back: blobs each. */
export interface Suppressed {
  /** Smaller than `minSize`. */
  small: number;
  /** Brighter or darker, without an outline of its own. */
  light: number;
  /** The background shows through where something left. */
  hole: number;
  /** Neither travelled nor stayed, so far. */
  unproven: number;
  /** 1 while the whole picture is in upheaval. */
  upheaval: number;
}

/**
 * Fits `Seen` of events.ts. It is the same object every time: read it before the next `see`. `boxes`, `zones` and `reason` are made when they are read, and
 * are the reader's own.
 */
export interface MotionSeen {
  readonly is: 'picture';
  readonly monoMs: number;
  /** A subject is in view now. */
  readonly moving: boolean;
  /** First moment one of the subjects now in view was seen, before `minMs` had passed; `monoMs` when nothing moves. */
  readonly sinceMonoMs: number;
  /** Part of the watched area that subjects cover, 0 to 1. */
  readonly share: number;
  /** One per subject, largest first. */
  readonly boxes: readonly Box[];
  /** Names of the watch zones that subjects are in. */
  readonly zones: readonly string[];
  readonly level: Level;
  /** Empty when nothing moves. */
  readonly reason: string;
  /** The background is being learned. */
  readonly warming: boolean;
  readonly suppressed: Readonly<Suppressed>;
}

export interface Motion {
  /** Throws when the picture's size is not the one of the rules. */
  see(frame: GreyFrame): MotionSeen;
  /** The picture may be another one: the background begins afresh. */
  forget(): void;
}

/** The background is learned in this time, or as soon as nine pictures are there. */
const warmUpMs = 1800;
const warmUpGapMs = 190;
const warmUpPicturesMin = 3;
/** The model learns at most this often: its cost does not grow with fps. */
const learnEveryMs = 350;
/** Longer gaps between pictures teach no more than this. */
const gapMsMax = 2000;
/** A candidate's patch is kept out of the background this long. */
const candidateMs = 4000;
/** A subject stays one down to this part of the smallest size. */
const sizeHysteresis = 0.5;
/** Blobs smaller than this part of the smallest size are not even followed. */
const followedSize = 0.25;
/** Smallest blob, pixels: below it noise and compression rule. */
const blobAreaMin = 6;
/** So much of the watched area at once, out of calm, is no subject: the infrared filter, a lamp, the camera turned. */
const upheavalShare = 0.6;
const calmShare = 0.25;
const upheavalMsMax = 1000;

export function createMotion(rules: MotionRules, language: Language = 'vi'): Motion {
  const { width, height } = rules;
  const zones = drawZones(rules);
  const background = createBackground(width, height, zones);
  const meter = createLightMeter(width, height);
  const finder = createBlobFinder(width, height);
  const tracker = createTracker(width, height, rules.minMs);
  const { light } = meter;
  const wide = Math.ceil(width / 2);
  const treat = new Uint8Array(wide * Math.ceil(height / 2));
  const restless = createRestless(width, height);
  const blobTreat = new Uint8Array(blobsMax);
  const blobTrack: (Track | undefined)[] = Array.from({ length: blobsMax }, () => undefined);
  const zonePixels = new Float64Array(zones.zones.length);
  const trackZones = new Map<Track, number>(tracker.tracks.map((track) => [track, 0]));
  const leastPixels = Math.min(...zones.zones.map((zone) => zone.minPixels));
  const areaMin = Math.max(blobAreaMin, followedSize * leastPixels);
  const model = { mean: background.mean, difference: background.difference, foreground: background.foreground, light };
  const suppressed: Suppressed = { small: 0, light: 0, hole: 0, unproven: 0, upheaval: 0 };

  // Numbers that change with every picture live in fields: a captured variable would be a new heap number each time.
  const running = { startedMs: 0, gatheredMs: 0, learnedMs: 0, lastMs: 0, lastShare: 0, upheavalSinceMs: 0 };
  let warming = true;
  let isUpheaval = false;

  const now = { monoMs: 0, moving: false, sinceMonoMs: 0, pixels: 0, zoneBits: 0, level: 'event' as Level };
  let foremost: Track | undefined;
  const seen: MotionSeen = {
    is: 'picture',
    suppressed,
    get monoMs() {
      return now.monoMs;
    },
    get moving() {
      return now.moving;
    },
    get sinceMonoMs() {
      return now.sinceMonoMs;
    },
    get share() {
      return zones.watchedPixels === 0 ? 0 : now.pixels / zones.watchedPixels;
    },
    get boxes() {
      return now.moving ? boxesOf(tracker.tracks.filter(isInView)) : [];
    },
    get zones() {
      return zoneNames(now.zoneBits);
    },
    get level() {
      return now.level;
    },
    get reason() {
      return foremost === undefined ? '' : reasonOf(foremost);
    },
    get warming() {
      return warming;
    },
  };

  function see(frame: GreyFrame): MotionSeen {
    if (frame.width !== width || frame.height !== height || frame.pixels.length !== width * height)
      throw new Error(`a grey picture must be ${width}x${height}, not ${frame.width}x${frame.height}`);
    begin(frame.monoMs);
    if (warming) warmUp(frame);
    else judge(frame);
    running.lastMs = frame.monoMs;
    return seen;
  }

  function begin(monoMs: number): void {
    now.monoMs = monoMs;
    now.moving = false;
    now.sinceMonoMs = monoMs;
    now.pixels = 0;
    now.zoneBits = 0;
    now.level = 'event';
    foremost = undefined;
    suppressed.small = 0;
    suppressed.light = 0;
    suppressed.hole = 0;
    suppressed.unproven = 0;
    suppressed.upheaval = 0;
  }

  function warmUp(frame: GreyFrame): void {
    if (background.gathered() === 0) running.startedMs = frame.monoMs;
    if (background.gathered() === 0 || frame.monoMs - running.gatheredMs >= warmUpGapMs) {
      background.gather(frame.pixels);
      running.gatheredMs = frame.monoMs;
    }
    const enough = background.gathered() >= warmUpPicturesMin && frame.monoMs - running.startedMs >= warmUpMs;
    if (background.gathered() < warmUpPictures && !enough) return;
    background.settle();
    warming = false;
    running.learnedMs = frame.monoMs;
    running.lastShare = 0;
  }

  function judge(frame: GreyFrame): void {
    meter.read(frame.pixels, background.mean, treat);
    const share = background.compare(frame.pixels, light, restless.level) / Math.max(1, zones.watchedPixels);
    if (upheaval(share, frame.monoMs)) return;
    finder.find(background.foreground, background.foregroundInRow, areaMin);
    tracker.follow(finder.blobs, finder.found(), frame.monoMs);
    blobTrack.fill(undefined);
    for (const track of tracker.tracks) if (track.live && track.blob >= 0) blobTrack[track.blob] = track;
    for (let i = 0; i < finder.found(); i++) blobTreat[i] = judgeBlob(i, frame);
    restless.stir(finder, isUnproven, Math.min(gapMsMax, frame.monoMs - running.lastMs));
    if (frame.monoMs - running.learnedMs < learnEveryMs) return;
    for (let cell = 0; cell < treat.length; cell++) {
      const owner = finder.owner[cell] ?? -1;
      treat[cell] = owner < 0 ? treatments.learn : (blobTreat[owner] ?? treatments.learn);
    }
    background.learn(light, treat, Math.min(gapMsMax, frame.monoMs - running.learnedMs));
    running.learnedMs = frame.monoMs;
  }

  /** True while the whole picture has jumped at once; when it does not come back, the background begins afresh. */
  function upheaval(share: number, monoMs: number): boolean {
    const before = running.lastShare;
    running.lastShare = share;
    if (!isUpheaval) {
      const subjects = tracker.tracks.some(isSubject);
      if (share < upheavalShare || before > calmShare || subjects) return false;
      running.upheavalSinceMs = monoMs;
      isUpheaval = true;
    }
    if (share < upheavalShare) {
      isUpheaval = false;
      return false;
    }
    suppressed.upheaval = 1;
    running.lastShare = before;
    if (monoMs - running.upheavalSinceMs >= upheavalMsMax) forget();
    return true;
  }

  /** How the background shall treat the blob's patch. */
  function judgeBlob(index: number, frame: GreyFrame): number {
    const blob = finder.blobs[index];
    const track = blobTrack[index];
    if (blob === undefined || track === undefined) return treatments.learn;
    weigh(blob, index, finder, frame, model, track.evidence);
    const looks = looksLike(track.evidence);
    const zoneBits = zonesOf(index, track.why === undefined ? 1 : sizeHysteresis);
    trackZones.set(track, zoneBits);
    if (tracker.judge(track, blob, looks, zoneBits !== 0, frame.monoMs)) {
      if (zoneBits !== 0) inView(track, zoneBits);
      return treatments.hold;
    }
    if (looks !== 'thing') suppressed[looks]++;
    else if (zoneBits === 0) suppressed.small++;
    else suppressed.unproven++;
    if (track.letGo) return treatments.absorb;
    return frame.monoMs - track.bornMs < candidateMs ? treatments.watch : treatments.learn;
  }

  /** Bits of the watch zones in which the blob reaches the smallest size, times `factor`. */
  function zonesOf(index: number, factor: number): number {
    const blob = finder.blobs[index];
    if (blob === undefined) return 0;
    if (rules.watch.length === 0) return blob.area >= factor * leastPixels ? 1 : 0;
    zonePixels.fill(0);
    for (let y = blob.top; y < blob.bottom; y++) {
      for (let x: number = blob.left; x < blob.right; x++) {
        const pixel = y * width + x;
        if (background.foreground[pixel] === 0 || finder.owner[(y >> 1) * wide + (x >> 1)] !== index) continue;
        const bits = zones.bits[pixel] ?? 0;
        for (let zone = 0; zone < zonePixels.length; zone++)
          if ((bits >> zone) & 1) zonePixels[zone] = (zonePixels[zone] ?? 0) + 1;
      }
    }
    let bits = 0;
    for (let zone = 0; zone < zonePixels.length; zone++)
      if ((zonePixels[zone] ?? 0) >= factor * (zones.zones[zone]?.minPixels ?? 0)) bits |= 1 << zone;
    return bits;
  }

  function inView(track: Track, zoneBits: number): void {
    now.moving = true;
    now.sinceMonoMs = Math.min(now.sinceMonoMs, track.bornMs);
    now.pixels += track.area;
    now.zoneBits |= zoneBits;
    if (foremost === undefined || track.area > foremost.area) foremost = track;
    for (let zone = 0; zone < zones.zones.length; zone++)
      if ((zoneBits >> zone) & 1 && zones.zones[zone]?.level === 'alarm') now.level = 'alarm';
  }

  const isUnproven = (index: number): boolean => blobTrack[index]?.why === undefined;
  const isInView = (track: Track): boolean => isSubject(track) && track.blob >= 0 && trackZones.get(track) !== 0;

  function boxesOf(tracks: readonly Track[]): Box[] {
    return tracks
      .toSorted((a, b) => b.area - a.area)
      .map(({ box }) => {
        const [left = 0, top = 0, right = 0, bottom = 0] = box;
        return { x: left / width, y: top / height, w: (right - left) / width, h: (bottom - top) / height };
      });
  }

  function zoneNames(bits: number): string[] {
    return zones.zones.flatMap(({ name }, zone) => (name !== undefined && (bits >> zone) & 1 ? [name] : []));
  }

  function reasonOf(track: Track): string {
    const bits = trackZones.get(track) ?? 0;
    const sizes = zones.zones.filter((_, zone) => (bits >> zone) & 1).map((zone) => zone.minPixels);
    const least = Math.min(...sizes);
    return reasonIn(language, {
      track,
      share: track.area / zones.watchedPixels,
      minShare: least / zones.watchedPixels,
      bar: background.floorOf(light),
      pictureWidth: width,
      monoMs: now.monoMs,
      zones: zoneNames(bits),
    });
  }

  function forget(): void {
    background.reset();
    meter.reset();
    tracker.reset();
    treat.fill(0);
    restless.reset();
    isUpheaval = false;
    warming = true;
  }

  return { see, forget };
}

const isSubject = (track: Track): boolean => track.live && track.why !== undefined;
