// A whole commune at work: 35 nodes behind one real mosquitto and one hub, each telling an event every two seconds and a clip now and then.
import { setTimeout as pause } from 'node:timers/promises';
import { type Author, openAuthor, type Written } from './drain/author.ts';
import { startUplinkHere } from './drain/fleet.ts';
import { openPost, type Post, peakRssMb, percentile, until } from './drain/post.ts';
import type { BenchResult } from './figures.ts';
import { type Closers, inFolder } from './in-folder.ts';

export interface FleetBenchOptions {
  readonly nodes?: number;
}

const nodesUsual = 35;
const workMs = 40_000;
const eventEveryMs = 2000;
/** One event in eight brings its clip. */
const clipEvery = 8;
const segmentBytes = 512 * 1024;
const upMsMax = 60_000;
const drainMsMax = 60_000;
/** How often the archive is looked at: a figure is this much too large at most. */
const lookMs = 10;

const targets = { lost: { max: 0 }, duplicated: { max: 0 }, p95EventMs: { max: 300 } } as const;

export async function benchFleet(say: (line: string) => void, options: FleetBenchOptions = {}): Promise<BenchResult> {
  return await inFolder('ml-fleet-', (dir, closers) => measure(dir, closers, say, options.nodes ?? nodesUsual));
}

async function measure(
  dir: string,
  closers: Closers,
  say: (line: string) => void,
  count: number,
): Promise<BenchResult> {
  say(`${count} nodes join …`);
  const post = await openPost({ dir, nodes: count }, closers);
  await post.startHub();
  const authors: Author[] = [];
  for (const node of post.stage.nodes) {
    const author = await openAuthor(node);
    closers.push(author.close);
    authors.push(author);
  }
  const stop = new AbortController();
  const ended = authors.map(({ node }) => startUplinkHere(node, stop.signal));
  closers.push(async () => {
    stop.abort();
    await Promise.all(ended);
  });
  const watch = watchArrivals(post);
  const warm = await Promise.all(authors.map((author) => author.event('event')));
  for (const author of authors) author.ring(1);
  await until('every node to be connected', upMsMax, () =>
    authors.every((author, at) => post.has(author, warm[at] ?? { name: '', class: 1, bodyBytes: 0 })),
  );

  say(`at work for ${workMs / 1000} s …`);
  await Promise.all(authors.map((author, at) => work(author, (at * eventEveryMs) / count, watch.expect)));
  const { latencies } = watch;
  await until('the rest', drainMsMax, () => watch.missing() === 0).catch(() => undefined);
  watch.close();
  const waitsFor = async () =>
    (await Promise.all(authors.map((author) => post.waits(author)))).every((left) => left === 0);
  await until('the receipts', drainMsMax, waitsFor).catch(() => undefined);
  const all = authors.flatMap((author) => author.written.map((written) => ({ author, written })));
  const summary = await post.hub()?.summarise();
  return {
    figures: {
      nodes: count,
      events: latencies.length,
      records: all.length,
      lost: all.filter(({ author, written }) => !post.has(author, written)).length,
      duplicated: summary?.duplicates ?? Number.NaN,
      p50EventMs: Math.round(percentile(latencies, 0.5)),
      p95EventMs: Math.round(percentile(latencies, 0.95)),
      slowestEventMs: Math.round(Math.max(...latencies)),
      brokerRssMb: Math.round(peakRssMb(post.broker().pid)),
    },
    targets,
    peers: {},
    details: [
      {
        what: 'an event',
        from: 'written into the spool, the doorbell rung',
        to: 'stored durably at the hub',
      },
    ],
  };
}

async function work(
  author: Author,
  afterMs: number,
  expect: (author: Author, written: Written) => void,
): Promise<void> {
  const beginsMs = performance.now() + afterMs;
  for (let n = 0; n < workMs / eventEveryMs; n += 1) {
    await pause(Math.max(0, beginsMs + n * eventEveryMs - performance.now()));
    expect(author, await author.event('event'));
    author.ring(1);
    if (n % clipEvery === clipEvery - 1) {
      await author.clip([await author.segment(4, segmentBytes)]);
      author.ring(1);
    }
  }
}

/** Looks into the archive all the time, and times each event that it was told to expect. */
function watchArrivals(post: Post) {
  const due = new Set<{ readonly author: Author; readonly written: Written; readonly sinceMs: number }>();
  const latencies: number[] = [];
  const look = () => {
    for (const each of due) {
      if (!post.has(each.author, each.written)) continue;
      latencies.push(performance.now() - each.sinceMs);
      due.delete(each);
    }
  };
  const timer = setInterval(look, lookMs);
  return {
    latencies,
    expect: (author: Author, written: Written) => void due.add({ author, written, sinceMs: performance.now() }),
    missing: () => due.size,
    close: () => clearInterval(timer),
  };
}
