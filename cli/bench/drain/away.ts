// The hub is away, then the broker is away; and what plain MQTT makes of the same.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import type { Author } from './author.ts';
import { type Post, until } from './post.ts';

const events = 1500;
const hubMsMax = 120_000;
/** The uplink has long handed over what it may, and waits for an answer. */
const awayMs = 5000;

export interface HubAwayFigures {
  readonly hubAwayArrived: number;
  /** From the hub's return until it has all of them. */
  readonly hubAwayS: number;
}

export async function measureHubAway(post: Post, author: Author): Promise<HubAwayFigures> {
  await post.stopHub();
  const uplink = post.startUplink(author.node);
  for (let n = 0; n < events; n += 1) await author.event('event');
  author.ring(1);
  await pause(awayMs);
  await post.startHub();
  const backMs = performance.now();
  const arrived = () => author.written.filter((each) => post.has(author, each)).length;
  await until('all events', hubMsMax, () => arrived() === events).catch(() => undefined);
  const hubAwayS = (performance.now() - backMs) / 1000;
  await until('their receipts', 30_000, async () => (await post.waits(author)) === 0).catch(() => undefined);
  await uplink.kill();
  return { hubAwayArrived: arrived(), hubAwayS };
}

/** The same through the broker alone: QoS 1, a subscriber with a session that is away meanwhile. */
export async function plainQos1(post: Post): Promise<number> {
  const url = `mqtt://127.0.0.1:${post.brokerPort}`;
  const session = { clientId: 'peer-hub', clean: false, protocolVersion: 4 } as const;
  const first = await mqtt.connectAsync(url, session);
  await first.subscribeAsync('peer/#', { qos: 1 });
  await first.endAsync();
  const sender = await mqtt.connectAsync(url);
  await Promise.all(
    Array.from({ length: events }, (_, n) => sender.publishAsync('peer/event', `${n}`.padEnd(1000), { qos: 1 })),
  );
  await sender.endAsync();
  const seen = new Set<string>();
  const again = mqtt.connect(url, session);
  again.on('message', (_topic, payload) => seen.add(payload.toString()));
  for (let before = -1; before !== seen.size || before === 0; await pause(1000)) {
    if (before === 0 && seen.size === 0) break;
    before = seen.size;
  }
  await again.endAsync(true);
  return seen.size;
}

const brokerEvents = 100;
const clips = 10;
const segmentBytes = 256 * 1024;
const kills = 3;

export interface BrokerAwayFigures {
  readonly brokerAwayRecords: number;
  /** At the hub with the same bytes. */
  readonly brokerAwayEqual: number;
}

export async function measureBrokerAway(post: Post, author: Author): Promise<BrokerAwayFigures & { peer: number }> {
  await post.killBroker();
  const peer = startPeer(post.brokerPort);
  for (let kill = 0; kill < kills; kill += 1) {
    const uplink = post.startUplink(author.node);
    const share = Math.ceil((brokerEvents * (kill + 1)) / kills) - Math.ceil((brokerEvents * kill) / kills);
    for (let n = 0; n < share; n += 1) await author.event('event');
    const clipShare = Math.ceil((clips * (kill + 1)) / kills) - Math.ceil((clips * kill) / kills);
    for (let n = 0; n < clipShare; n += 1)
      await author.clip([await author.segment(4, segmentBytes), await author.segment(4, segmentBytes)]);
    await pause(1500);
    await uplink.kill();
  }
  const peerSent = await peer.die();
  await post.startBroker();
  const collected = await collect(post.brokerPort);
  const peerAgain = startPeer(post.brokerPort, 0);
  const uplink = post.startUplink(author.node);
  await until('all to arrive', 60_000, async () => (await post.waits(author)) === 0).catch(() => undefined);
  await pause(1000);
  await peerAgain.die();
  const equal = await post.hasEqual(author);
  await uplink.kill();
  if (peerSent !== brokerEvents) throw new Error(`the peer took ${peerSent} of ${brokerEvents} messages`);
  return { brokerAwayRecords: author.written.length, brokerAwayEqual: equal, peer: await collected() };
}

/** MQTT.js alone: it takes messages while the broker is down, is killed, and started again. */
function startPeer(port: number, messages = brokerEvents): { die(): Promise<number> } {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./mqttjs-child.ts', import.meta.url)), String(port), String(messages)],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let said = '';
  child.stdout.on('data', (bytes) => {
    said += String(bytes);
  });
  return {
    die: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return Number(/taken (\d+)/.exec(said)?.[1] ?? 0);
    },
  };
}

async function collect(port: number): Promise<() => Promise<number>> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
  const seen = new Set<string>();
  client.on('message', (_topic, payload) => seen.add(payload.toString()));
  await client.subscribeAsync('peer/#', { qos: 1 });
  return async () => {
    await client.endAsync(true);
    return seen.size;
  };
}
