// Grey pictures to subjects. The steps, each in its own file:
//
//   steady ─▶ light ─▶ background ─▶ blobs ─▶ evidence ─▶ tracks ─▶ what is seen ─▶ background learns
//
// Nothing is allocated per picture while nothing moves; what is seen is one object, filled anew each time.
import type { GreyFrame } from '../../../hal/ports.ts';
import type { MotionConfig } from '../config/schema.ts';
import { createPictureSight, type PictureSight, type TraceRule } from '../trace/sight.ts';
import { createArmed } from './armed.ts';
import { createBackground, treatments } from './background.ts';
import { createBlobZones } from './blob-zones.ts';
import { blobsMax, createBlobFinder } from './blobs.ts';
import { demandAt, leastSize } from './demands.ts';
import { looksLike, type Model, weigh } from './evidence.ts';
import { createLightMeter } from './light.ts';
import { type Language, reasonIn } from './reason.ts';
import { createRestless } from './restless.ts';
import { createView, type MotionSeen, zoneNames } from './seen.ts';
import { createShade } from './shade.ts';
import { createSteadier } from './steady.ts';
import { isSubject, type Track } from './track.ts';
import { createTracker, tracksMax } from './tracks.ts';
import { createUpheaval } from './upheaval.ts';
import { neededAlone, neededBy, needsOf, ruleOf, sizeHysteresis, sizeOf } from './verdict.ts';
import { createWarmUp } from './warm-up.ts';
import { drawZones } from './zones.ts';

export type { MotionSeen } from './seen.ts';

export type MotionRules = MotionConfig;

export interface Motion {
  /** What the last picture was made of, filled anew each time. */
  readonly sight: Readonly<PictureSight>;
  /** What is taken for the background, and which pixels differ from it; for those who look inside. Only to be read. */
  readonly model: Model;
  /** Bits of the watch zones that watch from now on (`createSchedule` gives them); until the first call all do. */
  arm(zoneBits: number): void;
  /** Throws when the picture's size is not the one of the rules. */
  see(frame: GreyFrame): MotionSeen;
  /** The picture may be another one: the background begins afresh. */
  forget(): void;
}

/** The model learns at most this often: its cost does not grow with fps. */
const learnEveryMs = 350;
/** Longer gaps between pictures teach no more than this. */
const gapMsMax = 2000;
/** A candidate's patch is kept out of the background this long. */
const candidateMs = 4000;
/** The light has changed at once, not by a cloud. */
const gainJump = 0.08;
const offsetJump = 6;
/** What one light no longer explains at once, in parts of the picture, is no passing shadow but an upheaval, and is seen as it is. */
const agreedFall = 0.4;
/** Uneven light is doubted so much longer. */
const doubtMs = 1000;
/** Smallest blob, pixels: below it noise and compression rule. */
const blobAreaMin = 6;

export function createMotion(rules: MotionRules, language: Language = 'vi'): Motion {
  const { width, height, sensitivity, minMs } = rules;
  const zones = drawZones(rules);
  const warmUp = createWarmUp(width * height);
  const background = createBackground(width, height, zones);
  const steadier = createSteadier(width, height, background.mean);
  const meter = createLightMeter(width, height);
  const { light } = meter;
  const finder = createBlobFinder(width, height);
  const blobZones = createBlobZones(width, zones, finder, background.foreground);
  const tracker = createTracker(width, height, minMs);
  const sight = createPictureSight(tracksMax);
  const view = createView(rules, zones, tracker.tracks, reasonOf);
  const armed = createArmed(tracker.tracks);
  const upheaval = createUpheaval();
  const shade = createShade(width, height);
  const restless = createRestless(width, height);
  const treat = new Uint8Array(Math.ceil(width / 2) * Math.ceil(height / 2));
  const blobTreat = new Uint8Array(blobsMax);
  const blobTrack: (Track | undefined)[] = Array.from({ length: blobsMax }, () => undefined);
  const leastPixels = Math.min(...zones.zones.map((zone) => zone.minPixels));
  const demand = demandAt(sensitivity);
  const areaMin = Math.max(blobAreaMin, leastSize * leastPixels);
  const model = { mean: background.mean, difference: background.difference, foreground: background.foreground, light };
  const needed = { travelling: 0, left: 0, alone: 0 };
  const picture = { width, height, pixels: new Uint8Array(0) as Uint8Array };
  // Numbers that change with every picture live in fields: a captured variable would be a new heap number each time.
  const running = {
    learnedMs: 0,
    lastMs: 0,
    warming: true,
    uneven: false,
    unevenMs: Number.NEGATIVE_INFINITY,
    upset: false,
  };

  function see(frame: GreyFrame): MotionSeen {
    if (frame.width !== width || frame.height !== height || frame.pixels.length !== width * height)
      throw new Error(`a grey picture must be ${width}x${height}, not ${frame.width}x${frame.height}`);
    begin(frame.monoMs);
    if (running.warming) learnAfresh(frame);
    else judge(frame);
    running.lastMs = frame.monoMs;
    return view.seen;
  }

  function learnAfresh(frame: GreyFrame): void {
    if (warmUp.isEmpty()) {
      background.mean.set(frame.pixels);
      steadier.mark();
    }
    if (!warmUp.gather(steadier.steady(frame.pixels, light, undefined), frame.monoMs)) return;
    warmUp.settle(background.mean, background.fluctuation);
    steadier.mark();
    running.learnedMs = frame.monoMs;
    running.warming = false;
    begin(frame.monoMs);
  }

  function begin(monoMs: number): void {
    view.begin(monoMs, running.warming);
    sight.monoMs = monoMs;
    sight.warming = running.warming;
    sight.whole = 'none';
    sight.bar = 0;
    sight.share = 0;
    sight.count = 0;
  }

  function judge(frame: GreyFrame): void {
    const { agreed } = light;
    look(frame.pixels);
    const atOnce = running.upset || agreed - light.agreed > agreedFall;
    running.uneven = !atOnce && shade.read(picture.pixels, background.mean, light, treat);
    const share =
      background.compare(
        picture.pixels,
        light,
        restless.level,
        steadier.shift,
        running.uneven ? shade.factor : undefined,
      ) / Math.max(1, zones.watchedPixels);
    sight.bar = background.floorOf(light);
    sight.noise = light.noise;
    sight.share = share;
    const calm = upheaval.step(
      share,
      background.partsChanged,
      tracker.tracks.some(isSubject),
      frame.monoMs,
      agreed - light.agreed > agreedFall,
    );
    running.upset = calm === 'upheaval';
    if (calm !== 'calm') {
      view.heldBack('upheaval');
      sight.whole = 'upheaval';
      if (calm === 'lasting') forget();
      return;
    }
    finder.find(background.foreground, background.foregroundInRow, areaMin);
    if (running.uneven) running.unevenMs = frame.monoMs;
    tracker.follow(finder.blobs, finder.found(), frame.monoMs, isDoubtful(frame.monoMs));
    if (finder.found() > 0) judgeBlobs(frame.monoMs);
    restless.stir(finder, isUnproven, Math.min(gapMsMax, frame.monoMs - running.lastMs));
    if (frame.monoMs - running.learnedMs >= learnEveryMs) learn(frame.monoMs);
  }

  /** Undoes the camera's shake and finds the light; where the light has changed at once the shake is measured anew in it. */
  function look(pixels: Uint8Array): void {
    const { gain, offset } = light;
    picture.pixels = steadier.steady(pixels, light, treat);
    meter.read(picture.pixels, background.mean, treat);
    if (Math.abs(light.gain - gain) < gainJump && Math.abs(light.offset - offset) < offsetJump) return;
    picture.pixels = steadier.steady(pixels, light, treat);
    meter.read(picture.pixels, background.mean, treat);
  }

  function learn(monoMs: number): void {
    if (finder.found() === 0) treat.fill(treatments.learn);
    else treatCells();
    steadier.markSome();
    background.learn(
      light,
      treat,
      Math.min(gapMsMax, monoMs - running.learnedMs),
      running.uneven ? shade.factor : undefined,
    );
    running.learnedMs = monoMs;
  }

  /** The light is uneven, or was just now: what is expected jumps where one way of telling it gives way to the other. */
  const isDoubtful = (monoMs: number): boolean => monoMs - running.unevenMs <= doubtMs;

  function judgeBlobs(monoMs: number): void {
    blobTrack.fill(undefined);
    for (const track of tracker.tracks) if (track.live && track.blob >= 0) blobTrack[track.blob] = track;
    for (let i = 0; i < finder.found(); i++) blobTreat[i] = judgeBlob(i, monoMs);
  }

  function treatCells(): void {
    for (let cell = 0; cell < treat.length; cell++) {
      const owner = finder.owner[cell] ?? -1;
      treat[cell] = owner < 0 ? treatments.learn : (blobTreat[owner] ?? treatments.learn);
    }
  }

  /** How the background shall treat the blob's patch. */
  function judgeBlob(index: number, monoMs: number): number {
    const blob = finder.blobs[index];
    const track = blobTrack[index];
    if (blob === undefined || track === undefined) return treatments.learn;
    weigh(blob, index, finder, picture, model, track.evidence);
    const looks = looksLike(track.evidence, light);
    const ratio = blobZones.measure(index);
    const bars = track.evidence.contrast / sight.bar;
    needed.travelling = neededBy(sizeOf(track, blob, ratio, width), bars);
    needed.left = neededBy(ratio, bars);
    needed.alone = neededAlone(ratio, bars);
    tracker.judge(track, blob, looks, needed, monoMs, isDoubtful(monoMs) ? 1 - light.agreed : 0);
    const needs = needsOf(track, ratio);
    const isShaking = steadier.shift.dx !== 0 || steadier.shift.dy !== 0;
    const rule = ruleOf({ track, looks, ratio, bars, needed, needs, isShaking }, sensitivity, minMs, monoMs);
    note(track, needs, rule === 'none' ? shown(track, monoMs) : held(rule));
    if (isSubject(track)) return treatments.hold;
    if (track.letGo) return treatments.absorb;
    return monoMs - track.bornMs < candidateMs ? treatments.watch : treatments.learn;
  }

  /** A subject counts in the zones that watch. */
  function shown(track: Track, monoMs: number): TraceRule {
    const zoneBits = armed.counting(track, blobZones.bitsFrom(demand.size * sizeHysteresis));
    if (zoneBits === 0) return held('disarmed');
    view.inView(track, zoneBits, armed.sinceMs(track, zoneBits, monoMs));
    return 'none';
  }

  function held(rule: Exclude<TraceRule, 'none'>): TraceRule {
    view.heldBack(rule);
    return rule;
  }

  function note(track: Track, needs: number, rule: TraceRule): void {
    const told = sight.tracks[sight.count];
    if (told === undefined) return;
    sight.count++;
    told.slot = track.slot;
    told.bornMs = track.bornMs;
    told.left = track.box[0] ?? 0;
    told.top = track.box[1] ?? 0;
    told.right = track.box[2] ?? 0;
    told.bottom = track.box[3] ?? 0;
    told.area = track.area;
    told.contrast = track.evidence.contrast;
    told.needs = needs;
    told.rule = rule;
    told.why = track.why;
    told.zoneBits = blobZones.bitsFrom(0);
  }

  const isUnproven = (index: number): boolean => !isSubject(blobTrack[index]);

  function reasonOf(track: Track, zoneBits: number, monoMs: number): string {
    const sizes = zones.zones
      .filter((_, zone) => (zoneBits >> zone) & 1)
      .map((zone) => demand.size * (zone.minPixelsAt[track.box[3] ?? height] ?? zone.minPixels));
    return reasonIn(language, {
      track,
      share: track.area / zones.watchedPixels,
      minShare: Math.min(...sizes) / zones.watchedPixels,
      bar: background.floorOf(light),
      pictureWidth: width,
      monoMs,
      zones: zoneNames(zones, zoneBits),
    });
  }

  function forget(): void {
    warmUp.reset();
    meter.reset();
    steadier.reset();
    tracker.reset();
    treat.fill(0);
    restless.reset();
    upheaval.reset();
    running.warming = true;
  }

  return {
    sight,
    model,
    arm: (zoneBits) => armed.set(zoneBits, running.lastMs),
    see,
    forget,
  };
}
