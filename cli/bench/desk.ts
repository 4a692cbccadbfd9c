// The duty desk under a storm: 35 nodes, 500 events in some minutes, five officers watching, a hundred thousand events in the index. All on one machine: five browsers that draw without a
// graphics card are most of the work, and stand back behind the hub; how fast they show what comes is a matter of that machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import * as z from 'zod';
import { openSessions } from '../../hub/desk/sessions.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import { makeHubKeys } from '../../hub/keys.ts';
import { makeNodes } from './desk/nodes.ts';
import { writePast } from './desk/past.ts';
import { launchBehind, openViewer, type Viewer } from './desk/viewers.ts';
import { peakRssMb, percentile } from './drain/post.ts';
import type { BenchResult } from './figures.ts';
import { type Closers, inFolder } from './in-folder.ts';

const commune = 'xa-do';
const [stormEvents, minutesUsual, pastEvents] = [500, 5, 100_000];
/** Ten minutes are the storm; what else an hour of it would bring comes after, as fast as it is taken. */
const hourEvents = 6 * stormEvents;
/** A page that has not shown all of them by then will not. */
const shownWithinMs = 60_000;
const targets = {
  p95ShownMs: { max: 500 },
  firstViewMs: { max: 1000 },
  firstLoadKb: { max: 300 },
  heapMb: { max: 150 },
  hubRssMb: { max: 200 },
  slowestRequestMs: { max: 200 },
  notShown: { max: 0 },
} as const;

export interface DeskBenchOptions {
  readonly nodes?: number;
  readonly viewers?: number;
  /** In how many minutes the storm's events come. */
  readonly minutes?: number;
}

export async function benchDesk(say: (line: string) => void, options: DeskBenchOptions): Promise<BenchResult> {
  return await inFolder('ml-desk-', (dir, closers) => measure(dir, closers, say, options));
}

async function measure(
  dir: string,
  closers: Closers,
  say: (line: string) => void,
  { nodes: nodeCount = 35, viewers: viewerCount = 5, minutes = minutesUsual }: DeskBenchOptions,
): Promise<BenchResult> {
  const stormMs = minutes * 60_000;
  const hubDir = join(dir, 'hub');
  const keys = await makeHubKeys(hubDir);
  const nodes = await makeNodes(dir, commune, nodeCount, keys.recipients);
  const configPath = join(hubDir, 'hub.yaml');
  const { signingKey, unsealKey } = keys;
  const config = {
    ...{ commune, dataDir: hubDir, keysDir: join(dir, 'keys'), signingKey, unsealKey },
    ...{ listen: { port: 0 }, brokerListen: { port: 0 }, keepFreeMiB: 0 },
  };
  await writeFile(configPath, stringify(config));
  say(`${pastEvents} events into the index …`);
  const ends = writePast(hubDir, nodes.names, pastEvents, Date.now());
  const tokens = signIn(hubDir, viewerCount + 1);

  const hub = await startHub(configPath, closers);
  closers.push(nodes.close);
  await nodes.join(hub.broker, ends);
  const browser = await launchBehind(dir);
  closers.push(() => browser.close());
  const viewers: Viewer[] = [];
  for (const token of tokens.slice(1)) viewers.push(await openViewer(browser, hub.url, token));
  say(`${viewerCount} desks are open; ${stormEvents} events in ${minutes} min …`);

  const storm = new AbortController();
  const asking = askAround(hub.url, tokens[0] ?? '', nodes.names, storm.signal);
  const left: number[] = [];
  const startMs = performance.now();
  for (let count = 0; count < stormEvents; count++) {
    await pause(Math.max(0, startMs + (count * stormMs) / stormEvents - performance.now()));
    left.push(await nodes.happen((count * 7) % nodeCount, `storm-${count}`));
    if (count % 100 === 99) say(`  ${count + 1} events`);
  }
  await allShown(viewers, stormEvents);
  storm.abort();
  const requests = await asking;

  const waits: number[] = [];
  let notShown = 0;
  for (const viewer of viewers) {
    const shown = await viewer.shown();
    for (const [index, leftMs] of left.entries()) {
      const first = shown.find(([, events]) => events > index);
      if (first === undefined) notShown += 1;
      else waits.push(first[0] - leftMs);
    }
  }
  say(`${hourEvents - stormEvents} more, an hour's worth …`);
  for (let count = stormEvents; count < hourEvents; count++)
    await nodes.happen((count * 7) % nodeCount, `storm-${count}`);
  await allShown(viewers, hourEvents);
  const heaps = [];
  for (const viewer of viewers) heaps.push(await viewer.heapMb());
  const most = (figures: readonly number[]) => Math.round(Math.max(...figures) * 10) / 10;
  const figures = {
    p95ShownMs: Math.round(percentile(waits, 0.95)),
    p50ShownMs: Math.round(percentile(waits, 0.5)),
    firstViewMs: Math.round(
      percentile(
        viewers.map(({ firstViewMs }) => firstViewMs),
        0.5,
      ),
    ),
    slowestFirstViewMs: most(viewers.map(({ firstViewMs }) => firstViewMs)),
    firstLoadKb: most(viewers.map(({ firstLoadKb }) => firstLoadKb)),
    heapMb: most(heaps),
    hubRssMb: Math.round(peakRssMb(hub.pid)),
    slowestRequestMs: most(requests.map(({ ms }) => ms)),
    requests: requests.length,
    ...{ notShown, events: stormEvents, minutes, hourEvents, pastEvents, nodes: nodeCount, viewers: viewerCount },
  };
  return { figures, targets, peers: {}, details: byPath(requests) };
}

async function allShown(viewers: readonly Viewer[], events: number): Promise<void> {
  const giveUpMs = performance.now() + shownWithinMs;
  for (const viewer of viewers)
    while (performance.now() < giveUpMs && ((await viewer.shown()).at(-1)?.[1] ?? 0) < events) await pause(250);
}

function signIn(hubDir: string, count: number): string[] {
  const store = openDeskStore(hubDir);
  store.run("INSERT INTO account VALUES ('bench', 'Bench', 'chief', '!', 0, 0, 0)");
  const sessions = openSessions(store, Date.now);
  const tokens = Array.from({ length: count }, () => sessions.begin('bench', false).token);
  store.close();
  return tokens;
}

const upSchema = z.object({ url: z.string(), broker: z.string() });
const program = fileURLToPath(new URL('../main.ts', import.meta.url));
const unit = fileURLToPath(new URL('../../systemd/matlang-hub.service', import.meta.url));

/** As the hub is started where it is installed: what is measured is what ships. */
async function shippedEnvironment(): Promise<Record<string, string>> {
  const text = await readFile(unit, 'utf8');
  const entries = ['NODE_OPTIONS', 'MALLOC_ARENA_MAX'].map((name) => {
    const value = new RegExp(`^Environment="?${name}=([^"\\n]*)"?$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`${unit} must set ${name}`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

async function startHub(configPath: string, closers: Closers): Promise<z.infer<typeof upSchema> & { pid: number }> {
  const args = ['--pdeathsig', 'KILL', '--', process.execPath, program, 'hub', '--config', configPath, '--json'];
  const env = { ...process.env, ...(await shippedEnvironment()) };
  const child = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'ignore'], env });
  closers.push(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const lines = createInterface({ input: child.stdout });
  const [first] = await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('the hub ended at once'))),
  ]);
  return { ...upSchema.parse(JSON.parse(String(first))), pid: child.pid ?? 0 };
}

interface Asked {
  readonly path: string;
  readonly ms: number;
}

/** What pages ask, one after another, for as long as it goes on. */
async function askAround(url: string, token: string, nodes: readonly string[], signal: AbortSignal): Promise<Asked[]> {
  const asked: Asked[] = [];
  const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
  const weekAgo = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10);
  const paths = (node: string) => [
    ...[
      'api/queue',
      'api/nodes',
      'api/points',
      'api/events',
      'api/find',
      `api/find?node=${node}`,
      'api/find?text=cong lang',
    ],
    ...[
      'api/find?text=khong co gi',
      `api/day/${node}?day=${today}`,
      `api/day/${node}?day=${weekAgo}`,
      'api/shift',
      'api/cases',
    ],
    ...[`api/care/${node}`, `api/report?month=${today.slice(0, 7)}`, 'api/audit', 'api/summary', 'api/me'],
  ];
  for (let round = 0; !signal.aborted; round++) {
    for (const path of paths(nodes[round % nodes.length] ?? '')) {
      const startMs = performance.now();
      const answer = await fetch(`${url}${path}`, { headers: { cookie: `matlang=${token}` } });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
      asked.push({ path: path.replace(/mat-\d+/, 'mat-…'), ms: performance.now() - startMs });
      await pause(30);
    }
  }
  return asked;
}

/** Slowest first. */
function byPath(asked: readonly Asked[]): { path: string; asked: number; medianMs: number; slowestMs: number }[] {
  return [...Map.groupBy(asked, ({ path }) => path)]
    .map(([path, each]) => {
      const times = each.map(({ ms }) => ms);
      const medianMs = Math.round(percentile(times, 0.5));
      return { path, asked: each.length, medianMs, slowestMs: Math.round(Math.max(...times)) };
    })
    .sort((one, other) => other.slowestMs - one.slowestMs);
}
