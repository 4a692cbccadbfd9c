// The shell around supervise.ts: reports what is seen, does what it says, and turns the media child's pipes into sights.
import type { CameraSight } from '../ports.ts';
import { proof } from './bounds.ts';
import { type GreyPool, greyReader } from './grey.ts';
import { jpegSplitter } from './jpeg.ts';
import { type MediaChild, startMediaChild } from './media-child.ts';
import { type Mp4Piece, mp4Splitter } from './mp4.ts';
import type { Driver, Recipe } from './recipe.ts';
import { decodes } from './self-test.ts';
import { begin, step } from './supervise.ts';
import type { Action, Rules, Seen, Supervised } from './supervised.ts';

export interface LiveParts {
  /** Asked at each start: another pace is another driver. */
  readonly driver: () => Driver;
  readonly rules: Rules;
  readonly analysis: { readonly width: number; readonly height: number };
  readonly pool: GreyPool;
  readonly monoMs: () => number;
  readonly push: (sight: CameraSight) => void;
}
export interface Live {
  /** Settles when nothing of the camera is left; a film does so by itself. */
  readonly over: Promise<void>;
  /** Ends what runs and begins with what `driver` now gives. */
  renew(): void;
  inventory(): { readonly state: Supervised; readonly pids: readonly number[] };
}

const tickMs = 250;

export function goLive(parts: LiveParts, signal: AbortSignal): Live {
  const { rules, push } = parts;
  let driver = parts.driver();
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  const leaving = new AbortController();
  let state = begin.state;
  let recipes: readonly Recipe[] = [];
  let current: MediaChild | undefined;
  let starts = 0;
  /** Children beside the media child (probe, decoder): nothing of the camera may be left at its end. */
  const pending = new Set<Promise<void>>();
  const track = (work: Promise<void>) => {
    pending.add(work);
    void work.then(() => pending.delete(work));
  };
  const isNews = novelty(parts.analysis.width * parts.analysis.height);

  const see = (seen: Seen) => {
    const next = step(state, seen, { monoMs: parts.monoMs(), luck: Math.random() }, rules);
    state = next.state;
    for (const action of next.actions) act(action);
  };
  const act = (action: Action) => {
    switch (action.do) {
      case 'prepare':
        track(prepare());
        return;
      case 'start':
        start(action.recipe);
        return;
      case 'end':
        current?.end();
        return;
      case 'say':
        push({ is: 'fault', code: action.fault, text: action.text });
        return;
      case 'recover':
        push({ is: 'recovered', code: action.fault });
        return;
      case 'film-over':
        push({ is: 'end' });
        return;
      case 'finish':
        clearInterval(ticking);
        signal.removeEventListener('abort', stop);
        leaving.abort();
        void Promise.all(pending).then(() => finish());
    }
  };
  const prepare = async () => {
    driver = parts.driver();
    const prepared = await driver.prepare(leaving.signal);
    if (!prepared.ok) return see({ is: 'refused', code: prepared.code, text: prepared.text });
    recipes = prepared.recipes;
    see({ is: 'ready', recipes: recipes.map((recipe) => recipe.name) });
  };
  const start = (name: string) => {
    const recipe = recipes.find((one) => one.name === name);
    if (recipe === undefined) throw new Error(`supervision chose the recipe ${name}, which the driver did not offer`);
    const reading = readPipes({
      ...parts,
      recipe: name,
      isProven: state.proven.includes(name),
      afresh: starts === 0 || driver.beginsAfresh,
      see,
      isNews,
      track,
    });
    starts += 1;
    const child = startMediaChild(recipe, driver.secrets, reading.take);
    current = child;
    void child.gone.then(({ ended, trouble }) => {
      reading.stop();
      current = undefined;
      const why = trouble ?? driver.explain(ended, reading.playedMs());
      see({ is: 'gone', ...why });
    });
  };
  const stop = () => see({ is: 'stop' });
  // After the pipes had their turn: where this process was late, the pictures wait there, and that is no hang of the camera.
  const ticking = setInterval(() => setImmediate(see, { is: 'tick' }), tickMs);
  signal.addEventListener('abort', stop, { once: true });
  for (const action of begin.actions) act(action);
  if (signal.aborted) stop();
  return { over, renew: () => see({ is: 'renew' }), inventory: () => ({ state, pids: current?.pids ?? [] }) };
}

interface Reading extends LiveParts {
  readonly recipe: string;
  readonly isProven: boolean;
  readonly afresh: boolean;
  readonly see: (seen: Seen) => void;
  readonly isNews: (pixels: Uint8Array) => boolean;
  readonly track: (work: Promise<void>) => void;
}

/** Reads one media child's pipes from its first byte to its last. */
function readPipes(given: Reading) {
  const { analysis, pool, monoMs, push, see } = given;
  const stopped = new AbortController();
  const mp4 = mp4Splitter();
  const jpegs = jpegSplitter();
  const greys = greyReader(pool);
  const test = selfTest(given, see, stopped.signal);
  let hasBegun = false;
  let playedMs = 0;

  const begun = () => {
    if (hasBegun) return;
    hasBegun = true;
    push({ is: 'start', recipe: given.recipe, afresh: given.afresh });
  };
  const grey = (pixels: Uint8Array) => {
    const arrivedMs = monoMs();
    begun();
    see({ is: 'grey', same: !given.isNews(pixels) });
    push({ is: 'grey', frame: { width: analysis.width, height: analysis.height, pixels, monoMs: arrivedMs } });
  };
  const piece = (found: Mp4Piece) => {
    test(found);
    if (found.is === 'init' && found.fault === undefined) push({ is: 'init', bytes: found.bytes });
    if (found.is !== 'fragment') return;
    playedMs += found.durationMs;
    const { bytes, durationMs } = found;
    push({ is: 'fragment', bytes, monoMs: monoMs() - durationMs, durationMs });
  };
  return {
    take: (pipe: 'fragments' | 'grey' | 'jpeg', chunk: Buffer) => {
      if (pipe === 'grey') return greys.push(chunk, grey);
      begun();
      if (pipe === 'fragments') for (const found of mp4.push(chunk)) piece(found);
      else for (const bytes of jpegs.push(chunk)) push({ is: 'jpeg', bytes, monoMs: monoMs() });
    },
    stop: () => {
      greys.close();
      stopped.abort();
    },
    playedMs: () => playedMs,
  };
}

/** Watches the pieces of a stream; keeps the first seconds of a recipe that has yet to prove itself, and has them decoded while the stream goes on. */
function selfTest({ isProven, track }: Reading, see: (seen: Seen) => void, signal: AbortSignal) {
  let init: Uint8Array | undefined;
  let fragments: Uint8Array[] = [];
  let frames = 0;
  let keptMs = 0;
  let isAsked = isProven;
  const ask = async (sample: Parameters<typeof decodes>[0]) => {
    const verdict = await decodes(sample, signal);
    if (verdict === undefined) return;
    see(verdict.ok ? { is: 'proven' } : { is: 'unfit', why: verdict.why });
  };
  return (piece: Mp4Piece) => {
    if (piece.is === 'broken') return see({ is: 'unfit', why: `its video stream is broken: ${piece.why}` });
    if (piece.is === 'init') {
      init = piece.bytes;
      if (piece.fault !== undefined) see({ is: 'unfit', why: piece.fault });
      return;
    }
    see({ is: 'fragment', durationMs: piece.durationMs, startsWithKey: piece.startsWithKey });
    if (isProven && keptMs === 0) see({ is: 'proven' });
    keptMs += piece.durationMs;
    if (isAsked || init === undefined) return;
    fragments.push(piece.bytes);
    frames += piece.samples;
    if (keptMs < proof.streamMs && fragments.length < proof.fragmentsMax) return;
    isAsked = true;
    track(ask({ init, fragments, frames }));
    fragments = [];
  };
}

/** Says whether a grey picture differs from the one before it, whichever child that came from. */
function novelty(bytes: number) {
  const last = new Uint8Array(bytes);
  return (pixels: Uint8Array): boolean => {
    if (Buffer.compare(last, pixels) === 0) return false;
    last.set(pixels);
    return true;
  };
}
