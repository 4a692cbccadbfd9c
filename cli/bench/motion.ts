// The motion filter on drawn scenes with exact truth and on films with noted truth: what it catches, what it tells wrongly, what it costs; others beside it.
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BenchResult, machine, type Target } from './figures.ts';
import { type Closers, inFolder } from './in-folder.ts';
import { cpuWithPixels, filterCost, mog2NsPerPixel } from './motion-cost.ts';
import { type Crew, openCrew } from './motion-crew.ts';
import { filmFigures, filmTable, filmTargets, type SeenFilm, seeFilm, truthOf } from './motion-films.ts';
import type { JobResult } from './motion-job.ts';
import { findMog2, openMog2 } from './motion-peer-mog2.ts';
import { drawPicture } from './motion-picture.ts';
import { type Job, peerChapters, planJobs } from './motion-plan.ts';
import { rowsOf, sceneFigures, sceneTargets, tableOf } from './motion-rows.ts';
import { areaMin, compareScene, isMotionHere, lanes, type PeersHere, type SetRules } from './motion-sets.ts';
import { filmTally, peerFigures, type SetTally, sceneTally, setsBehind, setTable } from './motion-verdict.ts';
import { rules as filterRules } from './motion-watch.ts';

export interface MotionBenchOptions {
  /** A folder with truth.json. */
  readonly films?: string;
  readonly hours?: number;
  /** Scenes of these classes alone; no cost and nobody beside. */
  readonly only?: readonly string[];
  /** Where to draw the result. */
  readonly picture?: string;
}

type Say = (line: string) => void;

/** Without `hours` no new scene begins later than this. */
const shortMsMax = 95_000;
/** Films that `motion` plays at once. */
const playedMax = 16;

const costTargets = { nsPerPixel: { max: 15 }, cpuMsPerFrame: { max: 2 }, bytesPerFrame: { max: 64 } } as const;
/** A run that came to its end only by leaving things out shows nothing. */
const runTargets = { setsBehindPeers: { max: 0 }, leftOut: { max: 0 } } as const;
const targets: Readonly<Record<string, Target>> = { ...sceneTargets, ...costTargets, ...filmTargets, ...runTargets };

export async function benchMotion(say: Say, options: MotionBenchOptions): Promise<BenchResult> {
  return await inFolder('matlang-bench-motion-', async (dir, closers) => {
    const stopped = new AbortController();
    const stop = () => stopped.abort();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    try {
      return await measure(say, options, dir, closers, stopped.signal);
    } finally {
      stop();
      process.off('SIGINT', stop).off('SIGTERM', stop);
    }
  });
}

async function measure(
  say: Say,
  { films: filmsDir, hours, only, picture }: MotionBenchOptions,
  dir: string,
  closers: Closers,
  signal: AbortSignal,
): Promise<BenchResult> {
  const startedMs = performance.now();
  const truths = filmsDir === undefined ? [] : await truthOf(filmsDir);
  const crew = openCrew();
  closers.push(crew.close);
  const peers =
    only === undefined || truths.length > 0 ? await findPeers(say, closers) : { motion: false, mog2: undefined };
  const rules: SetRules = { peers, turn: lanes(1), play: lanes(playedMax), dir, signal };
  const cost = only === undefined ? await costFigures(crew, peers, dir, say, signal) : undefined;

  const sets = only === undefined && (peers.motion || peers.mog2) ? peerChapters(hours) : [];
  const isTooLateFor = (ms: number) => signal.aborted || (hours === undefined && performance.now() - startedMs > ms);
  const comparing = sets.map(async ({ name, chapter }) => {
    const order = { name, chapter, path: join(dir, `${name}.mkv`) };
    const film = await crew.render(order, () => isTooLateFor(shortMsMax - chapter.seconds * 1000));
    return film === undefined ? [] : [sceneTally(await compareScene(film, rules))];
  });
  const seeing = truths.map((truth) => seeFilm(resolve(filmsDir ?? '.'), truth, rules));
  const jobs = planJobs({ hours, only });
  const [results, scenes, seen] = await Promise.all([
    scoreAll(jobs, crew, () => isTooLateFor(shortMsMax), only === undefined ? () => undefined : say, say),
    Promise.all(comparing),
    Promise.all(seeing),
  ]);
  signal.throwIfAborted();

  const rows = rowsOf(jobs, results);
  const leftOut = jobs.length - results.length + sets.length - scenes.flat().length;
  if (leftOut > 0) say(`out of time: ${leftOut} of ${jobs.length + sets.length} scenes and films were left out`);
  const tallies = [...scenes.flat(), ...seen.map(({ compared }) => filmTally(compared))];
  const figures = { ...sceneFigures(rows), leftOut, ...cost?.figures, ...filmPart(seen), ...behind(tallies, say) };
  const besides = peerFigures(tallies, { motion: cost?.withPixelsMs, mog2: cost?.figures.cpuMsPerFrame });
  if (cost?.mog2NsPerPixel !== undefined) besides.mog2 = { ...besides.mog2, nsPerPixel: cost.mog2NsPerPixel };
  const result: BenchResult = {
    figures,
    targets: Object.fromEntries(Object.entries(targets).filter(([key]) => key in figures)),
    peers: besides,
    details: [...tableOf(rows), ...filmTable(seen), ...setTable(tallies)],
  };
  if (picture !== undefined) {
    await writeFile(
      picture,
      drawPicture({ rows, sets: tallies, figures, targets: result.targets, machine: machine() }),
    );
    say(`drawn: ${resolve(picture)}`);
  }
  return result;
}

async function findPeers(say: Say, closers: Closers): Promise<PeersHere> {
  const [motion, python] = [isMotionHere(), await findMog2()];
  if (!motion || python === undefined)
    say(
      `not installed: apt-get install ${[...(motion ? [] : ['motion']), ...(python ? [] : ['python3-opencv'])].join(' ')}`,
    );
  if (python === undefined) return { motion, mog2: undefined };
  const mog2 = openMog2(python, { width: filterRules.width, height: filterRules.height, areaMin });
  closers.push(mog2.close);
  return { motion, mog2 };
}

/** First of all, while nothing else of this bench runs. */
async function costFigures(crew: Crew, { mog2 }: PeersHere, dir: string, say: Say, signal: AbortSignal) {
  say('what it costs …');
  const [first] = peerChapters(undefined);
  const film = first && (await crew.render({ ...first, path: join(dir, 'cost.mkv') }, () => false));
  if (film === undefined) throw new Error('no film was made');
  const withPixelsMs = await cpuWithPixels(film.path, signal);
  return {
    figures: { ...filterCost(), cpuMsPerFrameWithPixels: withPixelsMs },
    withPixelsMs,
    mog2NsPerPixel: mog2 && (await mog2NsPerPixel(mog2)),
  };
}

const filmPart = (seen: readonly SeenFilm[]) => (seen.length === 0 ? {} : filmFigures(seen));

function behind(sets: readonly SetTally[], say: Say): Record<string, number> {
  if (!sets.some(({ by }) => by.motion !== undefined || by.mog2 !== undefined)) return {};
  const names = setsBehind(sets);
  if (names.length > 0) say(`a peer catches more or tells less wrongly: ${names.join(', ')}`);
  return { setsBehindPeers: names.length };
}

/** Says how far it is about every tenth of the way. What is not begun when time is up is left out, and said. */
async function scoreAll(
  jobs: readonly Job[],
  crew: Crew,
  isLate: () => boolean,
  point: Say,
  say: Say,
): Promise<JobResult[]> {
  const results: JobResult[] = [];
  const waiting = [...jobs];
  let told = 0;
  const lane = async () => {
    while (waiting.length > 0 && !isLate()) {
      const job = waiting.shift();
      if (job === undefined) return;
      const result = await crew.score(job);
      results.push(result);
      if (result.score.falseAtS.length > 0) point(whereFalse(job, result));
      if (results.length / jobs.length - told < 0.1 && results.length < jobs.length) continue;
      told = results.length / jobs.length;
      say(`${results.length} of ${jobs.length} scenes`);
    }
  };
  await Promise.all(Array.from({ length: crew.size }, lane));
  return results;
}

/** So that a false event can be looked at: the scene, and the seconds in it. */
function whereFalse({ group, class: name, chapters }: Job, { score: { falseAtS } }: JobResult): string {
  const scenes = chapters.map(({ seed, time, nuisances, cast }) => JSON.stringify({ seed, time, nuisances, cast }));
  const [times, more] = [falseAtS.slice(0, shownMax).map((atS) => atS.toFixed(1)), falseAtS.length - shownMax];
  return `${name} (${group}): false at ${times.join(' ')} s${more > 0 ? ` and ${more} more` : ''} of ${scenes.join(' then ')}`;
}
const shownMax = 12;
