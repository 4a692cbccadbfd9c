// The same films for our filter, Debian's motion and a travel-gated MOG2, in the same run: drawn scenes made into films, and films of a folder.
import { join } from 'node:path';
import { isInstalled } from '../../hal/camera/child.ts';
import { type FilmScore, scoreFilm } from './motion-film-score.ts';
import type { FilmShape } from './motion-film-shape.ts';
import type { Mog2 } from './motion-peer-mog2.ts';
import { runMotion } from './motion-peer-motion.ts';
import { filmSize, type Rendered } from './motion-render.ts';
import { createTruthBook, type Score, type Span, score } from './motion-score.ts';
import type { FilmTruth } from './motion-truth.ts';
import { rules as filterRules, type Meeting, type WatchedFilm, watchFilm, watchWithMog2 } from './motion-watch.ts';

/** Who else is here. */
export interface PeersHere {
  readonly motion: boolean;
  readonly mog2: Mog2 | undefined;
}
export const isMotionHere = (): boolean => isInstalled('motion');

export const detectors = ['ours', 'motion', 'mog2'] as const;
export type Detector = (typeof detectors)[number];

/** What one detector made of one film. */
export interface Outcome<Kind> {
  readonly score: Kind;
  readonly spans: readonly Span[];
  /** CPU of a picture that it analysed; of `motion` with decoding, of the others without. */
  readonly cpuMsPerFrame: number;
}
export interface Compared<Kind> {
  readonly name: string;
  readonly hours: number;
  readonly by: Readonly<Partial<Record<Detector, Outcome<Kind>>>>;
  readonly watched: WatchedFilm;
}

interface FilmToSee<Kind> {
  readonly name: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly seconds: number;
  readonly meets: Meeting;
  readonly judge: (spans: readonly Span[]) => Kind;
}

/** `motion` analyses at most so many pictures a second. */
const motionFps = 15;

async function compare<Kind>(
  film: FilmToSee<Kind>,
  { peers, turn, play, dir, signal }: SetRules,
): Promise<Compared<Kind>> {
  const { name, judge, meets, seconds } = film;
  // motion plays in real time: it begins at once, the others take turns meanwhile.
  const played = peers.motion
    ? play(() => runMotion(film, join(dir, film.name.replaceAll('/', '_')), signal))
    : undefined;
  played?.catch(() => undefined);
  const { watched, mog2 } = await turn(async () => {
    const seen = await watchFilm(film.path, meets, signal);
    return { watched: seen, mog2: peers.mog2 && (await watchWithMog2(peers.mog2, seen.pictures, meets)) };
  });
  const motion = await played;
  const outcome = (spans: readonly Span[], cpuMs: number, frames: number): Outcome<Kind> => {
    return { score: judge(spans), spans, cpuMsPerFrame: cpuMs / frames };
  };
  return {
    name,
    hours: watched.seconds / 3600,
    watched,
    by: {
      ours: outcome(watched.spans, watched.filterCpuMs, watched.pictures.length),
      ...(motion && { motion: outcome(motion.spans, motion.cpuS * 1000, seconds * Math.min(film.fps, motionFps)) }),
      ...(mog2 && { mog2: outcome(mog2.spans, mog2.cost.cpuNs / 1e6, mog2.cost.frames) }),
    },
  };
}

type Turn = <Result>(work: () => Promise<Result>) => Promise<Result>;
export interface SetRules {
  readonly peers: PeersHere;
  /** One film at a time through the filters of this process. */
  readonly turn: Turn;
  /** A few films at a time through `motion`, which must keep up with them. */
  readonly play: Turn;
  /** For whatever the peers write. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

export function compareScene(film: Rendered, rules: SetRules): Promise<Compared<Score>> {
  const { width, height, fps } = filmSize;
  const book = createTruthBook(fps, width, height);
  const meets: Meeting = (atS, boxes) => book.touchedBy(boxes, film.shown[Math.round(atS * fps)] ?? []);
  const judge = (spans: readonly Span[]) => score(film.visits, spans);
  return compare({ ...film, ...filmSize, meets, judge }, rules);
}

export function compareFilm(
  path: string,
  truth: FilmTruth,
  shape: FilmShape,
  rules: SetRules,
): Promise<Compared<FilmScore>> {
  const judge = (spans: readonly Span[]) => scoreFilm(truth, spans);
  const film = { name: truth.file, path, ...shape, meets: undefined, judge };
  return compare(film, rules);
}

/** Smallest subject, pixels: the same for MOG2 as for us. */
export const areaMin = Math.round(
  (typeof filterRules.minSize === 'number' ? filterRules.minSize : filterRules.minSize.far) *
    filterRules.width *
    filterRules.height,
);

/** At most so many at a time, in the order in which they were handed over. */
export function lanes(many: number): Turn {
  const ends: Promise<unknown>[] = Array.from({ length: many }, () => Promise.resolve());
  let at = 0;
  return (work) => {
    const lane = at++ % many;
    const mine = (ends[lane] ?? Promise.resolve()).then(work);
    ends[lane] = mine.catch(() => undefined);
    return mine;
  };
}
