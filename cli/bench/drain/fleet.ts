// 35 nodes lose their link and get it back in the same second, each with a backlog.
import { join } from 'node:path';
import { loadConfig } from '../../../agent/config-file.ts';
import { readHubKey } from '../../../agent/identity.ts';
import { localPath } from '../../../agent/local.ts';
import { runDir } from '../../../agent/run-dir.ts';
import { runUplink } from '../../../agent/uplink/uplink.ts';
import { disk } from '../../../hal/disk.ts';
import type { StagedNode } from '../../demo/stage.ts';
import type { Author } from './author.ts';
import { type Post, peakRssMb, until } from './post.ts';

export const fleetNodes = 35;
const eventsEach = 20;
const segmentBytes = 1024 * 1024;
const fleetMsMax = 120_000;

export interface FleetFigures {
  readonly fleetNodes: number;
  readonly fleetLost: number;
  /** From the link's return until the slowest node had its first record at the hub, and until it had all of them there. */
  readonly fleetFirstS: number;
  readonly fleetAllS: number;
  readonly brokerRssMb: number;
}

export async function measureFleet(post: Post, authors: readonly Author[]): Promise<FleetFigures> {
  const stop = new AbortController();
  const ended = authors.map(({ node }) => startUplinkHere(node, stop.signal));
  const warm = await Promise.all(authors.map((author) => author.event('event')));
  for (const author of authors) author.ring(1);
  await until('every node to be connected', fleetMsMax, () =>
    authors.every((author, at) => post.has(author, warm[at] ?? { name: '', class: 1, bodyBytes: 0 })),
  );
  post.link.cut(true);
  for (const author of authors) {
    for (let n = 0; n < eventsEach; n += 1) await author.event('event');
    await author.clip([await author.segment(4, segmentBytes)]);
  }
  const first = new Map<Author, number>();
  const all = new Map<Author, number>();
  post.link.cut(false);
  const backMs = performance.now();
  await until('all nodes to be drained', fleetMsMax, () => {
    for (const author of authors) {
      const [, ...rest] = author.written;
      if (!first.has(author) && rest.some((each) => post.has(author, each))) first.set(author, performance.now());
      if (!all.has(author) && rest.every((each) => post.has(author, each))) all.set(author, performance.now());
    }
    return all.size === authors.length;
  }).catch(() => undefined);
  const slowest = (moments: Map<Author, number>) =>
    Math.max(...authors.map((author) => ((moments.get(author) ?? backMs + fleetMsMax) - backMs) / 1000));
  const lost = authors.flatMap((author) => author.written.filter((each) => !post.has(author, each))).length;
  const brokerRssMb = peakRssMb(post.broker().pid);
  stop.abort();
  await Promise.all(ended);
  return {
    ...{ fleetNodes: authors.length, fleetLost: lost, fleetFirstS: slowest(first), fleetAllS: slowest(all) },
    brokerRssMb,
  };
}

/** In this process: 35 of their own would measure this machine's memory. */
export async function startUplinkHere(node: StagedNode, signal: AbortSignal): Promise<void> {
  const { config, dataDir, identityDir, sha256 } = await loadConfig(disk, node.configPath, 'read-only');
  const quiet = () => undefined;
  await runUplink(
    {
      ...{ disk, config, dataDir, runDir: runDir(dataDir), hubKey: await readHubKey(disk, join(identityDir)) },
      ...{
        release: 'bench',
        configSha256: sha256,
        floorMs: 0,
        identityDir,
        membership: undefined,
        systemIsTrusted: () => true,
        log: quiet,
      },
      socketPath: localPath(runDir(dataDir)),
      links: async () => [],
      notify: { ready: quiet, alive: quiet, stopping: quiet },
    },
    signal,
  );
}
