// The motion filter on drawn scenes with exact truth and on films with noted truth: what it catches, what it tells wrongly, what it costs; others beside it.

import type { BenchResult } from './figures.ts';
import { type Crew, openCrew } from './motion-crew.ts';
import type { JobResult } from './motion-job.ts';
import { type Job, planJobs } from './motion-plan.ts';
import { rowsOf, sceneFigures, sceneTargets, tableOf } from './motion-rows.ts';

export interface MotionBenchOptions {
  /** A folder with truth.json. */
  readonly films?: string;
  readonly hours?: number;
  readonly only?: readonly string[];
  /** Where to draw the result. */
  readonly picture?: string;
}

/** Without `hours` no new scene begins later than this. */
const shortMsMax = 95_000;

export async function benchMotion(
  say: (line: string) => void,
  { hours, only }: MotionBenchOptions,
): Promise<BenchResult> {
  const startedMs = performance.now();
  const crew = openCrew();
  try {
    const jobs = planJobs({ hours, only });
    const isLate = () => hours === undefined && performance.now() - startedMs > shortMsMax;
    const results = await scoreAll(jobs, crew, isLate, say);
    const rows = rowsOf(jobs, results);
    const figures = sceneFigures(rows);
    return {
      figures,
      targets: Object.fromEntries(Object.entries(sceneTargets).filter(([key]) => key in figures)),
      peers: {},
      details: tableOf(rows),
    };
  } finally {
    await crew.close();
  }
}

/** Says how far it is about every tenth of the way. What is not begun when time is up is left out, and said. */
async function scoreAll(
  jobs: readonly Job[],
  crew: Crew,
  isLate: () => boolean,
  say: (line: string) => void,
): Promise<JobResult[]> {
  const results: JobResult[] = [];
  const waiting = [...jobs];
  let told = 0;
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined && !isLate(); job = waiting.shift()) {
      results.push(await crew.score(job));
      if (results.length / jobs.length - told < 0.1 && results.length < jobs.length) continue;
      told = results.length / jobs.length;
      say(`${results.length} of ${jobs.length} scenes`);
    }
  };
  await Promise.all(Array.from({ length: crew.size }, lane));
  if (results.length < jobs.length) say(`out of time: ${jobs.length - results.length} scenes were left out`);
  return results;
}
