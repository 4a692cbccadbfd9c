// Shares out tasks among one worker thread per processor. A worker that dies takes the bench with it: a measurement with holes is none.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Task } from './motion-crew-child.ts';
import type { JobResult } from './motion-job.ts';
import type { Job } from './motion-plan.ts';
import type { FilmOrder, Rendered } from './motion-render.ts';

export interface Crew {
  readonly size: number;
  score(job: Job): Promise<JobResult>;
  /** Undefined when it is unwanted when its turn comes. */
  render(order: FilmOrder, isUnwanted: () => boolean): Promise<Rendered | undefined>;
  close(): Promise<void>;
}

interface Waiting {
  readonly task: Task;
  readonly isUnwanted: () => boolean;
  readonly done: (result: unknown) => void;
  readonly failed: (error: Error) => void;
}

export function openCrew(size = availableParallelism()): Crew {
  const queue: Waiting[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Waiting>();
  let fault: Error | undefined;
  const workers = Array.from({ length: size }, () => {
    const worker = new Worker(new URL('./motion-crew-child.ts', import.meta.url));
    worker.on('message', (result: unknown) => {
      busy.get(worker)?.done(result);
      busy.delete(worker);
      idle.push(worker);
      next();
    });
    worker.on('error', (error) => {
      fault = error instanceof Error ? error : new Error(String(error));
      for (const waiting of [...busy.values(), ...queue.splice(0)]) waiting.failed(fault);
      busy.clear();
    });
    idle.push(worker);
    return worker;
  });

  function next(): void {
    while (queue.length > 0 && idle.length > 0) {
      const waiting = queue.shift();
      if (waiting?.isUnwanted()) {
        waiting.done(undefined);
        continue;
      }
      const worker = idle.pop();
      if (waiting === undefined || worker === undefined) return;
      busy.set(worker, waiting);
      worker.postMessage(waiting.task);
    }
  }

  /** What comes back is what the task asked for: both ends are this file and its child. */
  const ask = <Result>(task: Task, isUnwanted = () => false) =>
    new Promise<Result>((resolve, reject) => {
      if (fault !== undefined) return reject(fault);
      queue.push({ task, isUnwanted, done: (result) => resolve(result as Result), failed: reject });
      next();
    });
  return {
    size,
    score: (job) => ask<JobResult>({ do: 'score', job }),
    render: (order, isUnwanted) => ask<Rendered | undefined>({ do: 'render', order }, isUnwanted),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
