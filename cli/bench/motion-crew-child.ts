// A worker of the motion bench: takes jobs, one at a time, and hands back what came of each.
import { parentPort } from 'node:worker_threads';
import { runJob } from './motion-job.ts';
import type { Job } from './motion-plan.ts';
import { type FilmOrder, renderFilm } from './motion-render.ts';

export type Task = { readonly do: 'score'; readonly job: Job } | { readonly do: 'render'; readonly order: FilmOrder };

parentPort?.on('message', async (task: Task) => {
  parentPort?.postMessage(task.do === 'score' ? runJob(task.job) : await renderFilm(task.order));
});
