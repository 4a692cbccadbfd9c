// What an outage costs: real mosquitto, the real hub, the uplink as a release ships it. Every stage is a file of drain/.
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRelease } from '../../ota/build-release.ts';
import { nodeRelease } from '../../ota/node-release.ts';
import { type Author, openAuthor } from './drain/author.ts';
import { measureBrokerAway, measureHubAway, plainQos1 } from './drain/away.ts';
import { fleetNodes, measureFleet } from './drain/fleet.ts';
import { measureOutage, outageScale } from './drain/outage.ts';
import { openPost, type Post } from './drain/post.ts';
import { measureSlowLink, slowLink } from './drain/slow-link.ts';
import { fill, measureStartUp, queuedRecords } from './drain/start-up.ts';
import { measureWiped } from './drain/wiped.ts';
import type { BenchResult } from './figures.ts';
import { type Closers, inFolder } from './in-folder.ts';

export interface DrainBenchOptions {
  /** How long the slow link is watched. */
  readonly seconds?: number;
}

const secondsUsual = 125;
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const zero = { max: 0 };

const targets = {
  linkShare: { min: 0.9 },
  sentPerBody: { max: 1.15 },
  alarmP99Ms: { max: 5000 },
  videoBeforeEvents: zero,
  outageLost: zero,
  outageGivenUp: zero,
  outageAlarmP99Ms: { max: 5000 },
  startUpS: { max: 10 },
  startUpRssMb: { max: 100 },
  hubAwayArrived: { min: 1500 },
  hubAwayS: { max: 60 },
  brokerAwayLost: zero,
  fleetLost: zero,
  fleetAllS: { max: 60 },
  wipedShare: { min: 0.99 },
  wipedTwice: zero,
  wipedLostAfter: zero,
  brokerRssMb: { max: 300 },
} as const;

export async function benchDrain(say: (line: string) => void, options: DrainBenchOptions = {}): Promise<BenchResult> {
  return await inFolder('ml-drain-', (dir, closers) => measure(dir, closers, say, options.seconds ?? secondsUsual));
}

async function measure(
  dir: string,
  closers: Closers,
  say: (line: string) => void,
  seconds: number,
): Promise<BenchResult> {
  say('bundling the uplink …');
  const built = await buildRelease(
    { ...nodeRelease(checkout, 'bench', undefined), packages: [] },
    join(dir, 'release'),
  );
  if (!built.ok) throw new Error(built.text);
  await mkdir(join(dir, 'release/runtime'));
  await symlink(process.execPath, join(dir, 'release/runtime/node'));
  const uplink = join(dir, 'release/bin/matlang-uplink');

  const slow = await openPost({ dir: join(dir, 'slow'), nodes: 1, link: slowLink, uplink }, closers);
  await slow.startHub();
  const fast = await openPost({ dir: join(dir, 'fast'), nodes: fleetNodes + 5, uplink }, closers);
  await fast.startHub();
  const authorOf = (post: Post) => {
    const nodes = post.stage.nodes.values();
    return async (): Promise<Author> => {
      const { value } = nodes.next();
      if (value === undefined) throw new Error('no node is left');
      const author = await openAuthor(value);
      closers.push(author.close);
      return author;
    };
  };

  // The slow link leaves the machine idle: the rest is measured beside it.
  say(`${slowLink.bytesPerS * 8} bit/s, cut every 30 s, for ${seconds} s …`);
  const slowly = measureSlowLink(slow, await authorOf(slow)(), seconds);
  // Awaited below: until then its failure must not end the process.
  slowly.catch(() => undefined);
  const next = authorOf(fast);
  const startAuthor = await next();
  await fill(startAuthor, say);
  say(`starting with ${queuedRecords} records waiting …`);
  const startUp = await measureStartUp(fast, startAuthor);
  say('hub away …');
  const hubAway = await measureHubAway(fast, await next());
  const qos1 = await plainQos1(fast);
  say('broker away, uplink killed three times …');
  const { peer, ...brokerAway } = await measureBrokerAway(fast, await next());
  say(`${fleetNodes} nodes reconnect in one second …`);
  const [wipedAuthor, outageAuthor] = [await next(), await next()];
  const fleetAuthors: Author[] = [];
  while (fleetAuthors.length < fleetNodes) fleetAuthors.push(await next());
  const fleet = await measureFleet(fast, fleetAuthors);
  say('the hub loses its disk at hour 48 …');
  const wiped = await measureWiped(fast, wipedAuthor);
  const slowFigures = await slowly;
  say(`72 hours, 2,880 events, video and link scaled 1 : ${outageScale} …`);
  const outage = await measureOutage(fast, outageAuthor);

  const figures = {
    ...slowFigures,
    ...outage,
    ...startUp,
    ...hubAway,
    ...brokerAway,
    brokerAwayLost: brokerAway.brokerAwayRecords - brokerAway.brokerAwayEqual,
    ...fleet,
    ...wiped,
  };
  return {
    figures: Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, rounded(value)])),
    targets,
    peers: { mqttQos1: { hubAwayArrived: qos1 }, mqttJs: { brokerAwayEqual: peer } },
    details: [
      { stage: 'slow link', scale: 'none: 256 kbit/s, 50 ms each way, a reset every 30 s' },
      { stage: '72 h', scale: `video bytes and spool 1 : ${outageScale}, link ${outageScale} : 1, events 1 : 1` },
      { stage: 'start-up', scale: `none: ${queuedRecords} records, memory is the uplink's peak` },
      { stage: 'hub lost its disk', scale: 'ten events with clips of 32 KiB an hour; a day of them fits on the card' },
      { stage: 'fleet', scale: 'none: one mosquitto, one hub, uplinks of all nodes in one process' },
    ],
  };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
