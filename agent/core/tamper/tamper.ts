// Is somebody at the camera? Grey pictures in; news out, when there is some.
//
//              a picture that cannot be the view's, for suspectMs        relearnMs, and there is something to see: relearned
//   watching ──────────────────────────────────────────────▶ alarmed ──────────────────────────────────────────────────────▶ watching
//       ▲                                                      │ └─ another change, for suspectMs: alarm again
//       └── good again for clearMs: cleared ───────────────────┘
//
// Pictures are summed up in looks of two seconds; looks are compared with the view, which is learned from good looks alone. A frozen picture is found beside
// this, picture by picture. Nothing is allocated per picture.
import type { GreyFrame } from '../../../hal/ports.ts';
import type { PictureTamper, TamperKind } from '../../../protocol/details.ts';
import { type Corners, drawGrid } from './grid.ts';
import { createLook, createLooker } from './look.ts';
import { createMemory } from './memory.ts';
import { createOnset } from './onset.ts';
import { createStillness } from './stillness.ts';
import { type Came, judge, type Verdict } from './verdict.ts';
import { copyView, createComparer, createView, type Likeness, learn, noLikeness, type View } from './view.ts';

export interface TamperRules {
  readonly width: number;
  readonly height: number;
  /** Privacy masks, corners in parts of the picture. */
  readonly masks: readonly Corners[];
}

/** `sinceMonoMs`: the last moment at which the picture was good. */
export interface TamperNews {
  readonly is: 'alarm' | 'cleared' | 'relearned';
  readonly kind: TamperKind;
  readonly monoMs: number;
  readonly sinceMonoMs: number;
  /** The figures that decided. */
  readonly likeness: Readonly<Likeness>;
  /** How long equal pictures were waited for. */
  readonly stillMs: number;
}

export interface Tamper {
  /** Throws when the picture's size is not the one of the rules. */
  see(frame: GreyFrame): TamperNews | undefined;
  /** Nothing is suspected, nothing is wrong: a picture of now is worth keeping as the last good one. */
  isCalm(): boolean;
  /** What stands, as long as it stands. */
  standing(): TamperKind | undefined;
  /** The picture may be another one: all is learned afresh. */
  forget(): void;
  /** What the last look said, for those who measure. */
  readonly last: { readonly verdict: Verdict; readonly likeness: Readonly<Likeness> };
}

const lookMs = 2000;
const lookPicturesMin = 2;
/** The first look shows how the exposure settles. */
const looksSkipped = 1;
const looksToLearn = 3;
/** Looks that must agree before they are a view: somebody may pass just as we start. On a street that never rests what there is after so many is taken. */
const looksToSettleMax = 10;
/** The view follows light and seasons this fast; what has changed (a stall, a parked lorry) more slowly. */
const learnMs = 30_000;
const learnChangedMs = 180_000;
/** A wrong picture is an alarm after three looks. */
const suspectMs = 5500;
/** What has edges of its own and came bit by bit is a lorry; not for ever. */
const blockedMs = 120_000;
const clearMs = 5500;
const againMs = 60_000;
const relearnMs = 30 * 60_000;
/** A change that came within this time, or from one picture to the next, came all over at once. */
const atOnceMsMax = 500;
/** A view found again elsewhere by less than this is shake. */
const movedCellsMin = 2;
const movedEdgesMin = 0.55;
/** A view is remembered when it has been good for so long, at most so often. */
const rememberMs = 300_000;
const sameViewMin = 0.75;

export function createTamper(rules: TamperRules): Tamper {
  const { width, height } = rules;
  const grid = drawGrid(width, height, rules.masks);
  const looker = createLooker(grid, width, height);
  const look = createLook(grid);
  const comparer = createComparer(grid);
  const memory = createMemory(grid);
  const onset = createOnset();
  const stillness = createStillness();
  /** What the camera shows when all is well, and what it has shown since the alarm. */
  const home = createView(grid);
  const aside = createView(grid);
  const likeness = noLikeness();
  const spare = noLikeness();
  const last: { verdict: Verdict; likeness: Likeness } = { verdict: 'unsure', likeness };
  const time = {
    now: 0,
    stepMs: 0,
    lookBegan: Number.NaN,
    looked: Number.NaN,
    suspect: Number.NaN,
    blocked: Number.NaN,
    goodAgain: Number.NaN,
    changed: Number.NaN,
    alarmed: Number.NaN,
    since: 0,
    frozenSince: 0,
    remembered: 0,
  };
  let skipped = 0;
  let settling = 0;
  let alarmed: PictureTamper | undefined;
  let frozen = false;
  let doubted = false;

  function see(frame: GreyFrame): TamperNews | undefined {
    if (frame.width !== width || frame.height !== height || frame.pixels.length !== width * height)
      throw new Error(`a grey picture must be ${width}x${height}, not ${frame.width}x${frame.height}`);
    time.stepMs = frame.monoMs - time.now;
    time.now = frame.monoMs;
    if (Number.isNaN(time.lookBegan)) time.lookBegan = frame.monoMs;
    stillness.add(looker.add(frame.pixels), frame.monoMs);
    onset.add(looker.latest, home.mean, frame.monoMs);
    const news = freeze();
    if (news !== undefined) return news;
    if (frame.monoMs - time.lookBegan < lookMs || looker.pictures() < lookPicturesMin) return undefined;
    return seeLook();
  }

  /** A frozen picture is told once, and not at all where the lens is known to be covered: black is equal to black. */
  function freeze(): TamperNews | undefined {
    if (!frozen && alarmed === undefined && stillness.isFrozen()) {
      frozen = true;
      time.frozenSince = stillness.since() ?? time.now;
      return news('alarm', 'frozen', time.frozenSince);
    }
    if (frozen && stillness.since() === undefined) {
      frozen = false;
      return news('cleared', 'frozen', time.frozenSince);
    }
    return undefined;
  }

  function seeLook(): TamperNews | undefined {
    looker.take(look);
    const beganMs = time.lookBegan;
    time.lookBegan = Number.NaN;
    const passedMs = Number.isNaN(time.looked) ? lookMs : time.now - time.looked;
    time.looked = time.now;
    if (skipped < looksSkipped) {
      skipped++;
      return undefined;
    }
    if (home.looks < looksToLearn) {
      settle();
      return undefined;
    }
    const verdict = verdictOn(home);
    last.verdict = verdict;
    return alarmed === undefined ? watch(verdict, beganMs, passedMs) : stayAlarmed(alarmed, verdict, passedMs);
  }

  /** The first looks become the view, once they show the same place. */
  function settle(): void {
    settling++;
    if (home.looks > 0 && settling <= looksToSettleMax) {
      comparer.compare(home, look, likeness);
      const verdict = judge(likeness, unknownWay);
      if (verdict !== 'good' && verdict !== 'blind') home.looks = 0;
    }
    learn(home, look, 1 / (home.looks + 1));
    time.remembered = time.now;
  }

  /** The verdict against this view; when it is bad, against the remembered ones too. The view is replaced by one that agrees. */
  function verdictOn(view: View): Verdict {
    comparer.compare(view, look, likeness);
    const verdict = judge(likeness, unknownWay);
    if (verdict === 'good' || verdict === 'blind') return verdict;
    for (const known of memory.views) {
      comparer.compare(known, look, spare);
      if (judge(spare, unknownWay) !== 'good') continue;
      memory.met(known);
      copyView(known, home);
      Object.assign(likeness, spare);
      return 'good';
    }
    return judge(likeness, cameHow(view));
  }

  /** Only when something is wrong: it costs more than all the rest. */
  function cameHow(view: View): Came {
    const found = comparer.find(view, look, spare);
    const away = Math.max(Math.abs(spare.shiftX), Math.abs(spare.shiftY));
    const moved = away >= movedCellsMin && found >= movedEdgesMin && found >= likeness.edges + 0.2;
    if (moved) {
      likeness.shiftX = spare.shiftX;
      likeness.shiftY = spare.shiftY;
    }
    return { atOnce: onset.riseMs() <= Math.max(atOnceMsMax, time.stepMs + 1), movedCells: moved ? away : 0 };
  }

  function watch(verdict: Verdict, beganMs: number, passedMs: number): TamperNews | undefined {
    if (verdict === 'good' || verdict === 'unsure' || verdict === 'blind') {
      // One look that says nothing in between does not end a suspicion.
      if (verdict === 'unsure' && !Number.isNaN(time.suspect) && !doubted) {
        doubted = true;
        return undefined;
      }
      time.suspect = Number.NaN;
      time.blocked = Number.NaN;
      learn(home, look, Math.min(1, passedMs / (verdict === 'unsure' ? learnChangedMs : learnMs)));
      if (verdict === 'good') remember();
      return undefined;
    }
    doubted = false;
    // The look before was good as a whole; its end may have been the beginning of this.
    if (Number.isNaN(time.suspect) && Number.isNaN(time.blocked)) time.since = beganMs - lookMs;
    if (verdict === 'blocked') {
      time.suspect = Number.NaN;
      if (Number.isNaN(time.blocked)) time.blocked = beganMs;
      return time.now - time.blocked >= blockedMs ? raise('covered') : undefined;
    }
    if (Number.isNaN(time.suspect)) time.suspect = beganMs;
    return time.now - time.suspect >= suspectMs ? raise(verdict) : undefined;
  }

  function raise(kind: PictureTamper): TamperNews {
    alarmed = kind;
    time.alarmed = time.now;
    time.suspect = Number.NaN;
    time.blocked = Number.NaN;
    time.goodAgain = Number.NaN;
    time.changed = Number.NaN;
    copyView(home, aside);
    aside.looks = 0;
    return news('alarm', kind, time.since);
  }

  function stayAlarmed(kind: PictureTamper, verdict: Verdict, passedMs: number): TamperNews | undefined {
    if (verdict === 'good') {
      if (Number.isNaN(time.goodAgain)) time.goodAgain = time.now - passedMs;
      if (time.now - time.goodAgain < clearMs) return undefined;
      alarmed = undefined;
      return news('cleared', kind, time.since);
    }
    time.goodAgain = Number.NaN;
    if (aside.looks < looksToLearn) {
      learn(aside, look, 1 / (aside.looks + 1));
      return undefined;
    }
    if (time.now - time.alarmed >= relearnMs && comparer.structured(aside) >= structuredMin) {
      copyView(aside, home);
      alarmed = undefined;
      return news('relearned', kind, time.since);
    }
    return changeAgain(kind, verdict, passedMs);
  }

  /** Alarmed already: is it something new? */
  function changeAgain(kind: PictureTamper, verdict: Verdict, passedMs: number): TamperNews | undefined {
    comparer.compare(aside, look, spare);
    const since = judge(spare, changedAtOnce);
    // A lens that is covered has no edges to compare: something new is when another place is seen.
    const next = since === 'blind' ? (verdict === 'turned' ? 'turned' : undefined) : bad(since) ? since : undefined;
    if (next === undefined || time.now - time.alarmed < againMs) {
      time.changed = Number.NaN;
      learn(aside, look, Math.min(1, passedMs / learnMs));
      return undefined;
    }
    if (Number.isNaN(time.changed)) time.changed = time.now - passedMs;
    if (time.now - time.changed < suspectMs || (next === kind && kind !== 'turned')) return undefined;
    time.since = time.changed;
    Object.assign(likeness, spare);
    return raise(next);
  }

  function remember(): void {
    if (time.now - time.remembered < rememberMs) return;
    time.remembered = time.now;
    const like = memory.views.find((known) => {
      comparer.compare(known, look, spare);
      return spare.edges >= sameViewMin && judge(spare, unknownWay) === 'good';
    });
    memory.keep(home, like);
  }

  function news(is: TamperNews['is'], kind: TamperKind, sinceMonoMs: number): TamperNews {
    return { is, kind, monoMs: time.now, sinceMonoMs, likeness: { ...likeness }, stillMs: stillness.neededMs() };
  }

  function forget(): void {
    home.looks = 0;
    skipped = 0;
    settling = 0;
    alarmed = undefined;
    frozen = false;
    looker.take(look);
    looker.forget();
    onset.forget();
    stillness.forget();
    for (const name of ['lookBegan', 'looked', 'suspect', 'blocked', 'goodAgain', 'changed'] as const)
      time[name] = Number.NaN;
  }

  return {
    see,
    isCalm: () =>
      alarmed === undefined && !frozen && Number.isNaN(time.suspect) && Number.isNaN(time.blocked) && home.looks > 0,
    standing: () => alarmed ?? (frozen ? 'frozen' : undefined),
    forget,
    last,
  };
}

const unknownWay: Came = { atOnce: false, movedCells: 0 };
/** Against what stands since the alarm every other view is a change. */
const changedAtOnce: Came = { atOnce: true, movedCells: 0 };
/** A view with fewer blocks of edges than this is not worth to be called normal. */
const structuredMin = 12;

const bad = (verdict: Verdict): verdict is PictureTamper =>
  verdict !== 'good' && verdict !== 'unsure' && verdict !== 'blind' && verdict !== 'blocked';
