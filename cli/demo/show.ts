// The demo itself: hub, broker and nodes on one machine, each in processes of their own, from the first picture to the last receipt.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { brokerAt } from '../../protocol/host.ts';
import { freePort } from '../free-port.ts';
import type { Language } from '../language.ts';
import { type BadLink, openBadLink } from '../link.ts';
import { compareWithHub } from './compare.ts';
import { startHub } from './hub-process.ts';
import { type DemoNode, startDemoNode } from './node-run.ts';
import { type Stage, type StagedNode, setStage } from './stage.ts';
import type { Summary } from './summary.ts';
import { demoWords } from './words.ts';

export interface DemoRules {
  /** Undefined: until it is stopped by hand. */
  readonly seconds: number | undefined;
  readonly nodes: number;
  readonly film: string | undefined;
  /** Seconds after the first picture of the slowest node. */
  readonly outage: { readonly fromS: number; readonly toS: number } | undefined;
  readonly broker: string | undefined;
  /** The trust folder whose CA that broker believes. */
  readonly trust: string | undefined;
  readonly keep: string | undefined;
  readonly port: number;
  readonly language: Language;
  /** One line for people. */
  readonly say: (line: string) => void;
}

/** From the start of the processes to the first picture of the slowest node. */
const firstPictureMsMax = 60_000;
/** From the end of recording to the last receipt. */
const drainMsMax = 120_000;

/** Throws when it cannot begin; a lost record is no error but a summary with `ok: false`. */
export async function runDemo(rules: DemoRules, signal: AbortSignal): Promise<Summary> {
  const dir = rules.keep ?? (await mkdtemp(join(tmpdir(), 'matlang-demo-')));
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await onStage(rules, dir, closers, signal);
  } finally {
    for (const close of closers.reverse()) await close();
    if (rules.keep === undefined) await rm(dir, { recursive: true, force: true });
  }
}

async function onStage(
  rules: DemoRules,
  dir: string,
  closers: (() => Promise<unknown>)[],
  signal: AbortSignal,
): Promise<Summary> {
  const words = demoWords[rules.language];
  const brokerPort = await freePort();
  const relay = await openBadLink(brokerAddress(rules.broker, brokerPort));
  closers.push(relay.close);
  const httpPort = await freePort(rules.port);
  const stage = await setStage({
    dir,
    vitalsEveryS: 5,
    nodes: rules.nodes,
    film: rules.film,
    httpPort,
    broker: rules.broker,
    trust: rules.trust,
    brokerPort,
    enrolPort: await freePort(),
    relayPort: relay.port,
  });

  const hub = await startHub(
    stage.hubConfigPath,
    join(stage.hubDir, 'archive'),
    `http://127.0.0.1:${httpPort}`,
    rules.say,
    words,
  );
  closers.push(hub.stop);
  rules.say(words.page(hub.url));

  const staged = await stage.joinNodes(signal);
  rules.say(words.joined(staged.length));
  const nodes = staged.map((node) => startDemoNode(node, rules.say, words));
  closers.push(() => Promise.all(nodes.map((node) => node.stop())));
  await within(Promise.all(nodes.map((node) => node.firstPicture)), firstPictureMsMax, signal, () =>
    words.noPicture(blindNodes(nodes)),
  );
  rules.say(words.allSee(nodes.length));

  const acted = await act(rules, relay, signal);
  rules.say(words.closing);
  await Promise.all(nodes.map((node) => node.stopRecorder()));
  await drain(nodes, rules, signal);
  const summary = await hub.summarise();
  const clips = await hub.decodeClips();
  await Promise.all(nodes.map((node) => node.stop()));
  return sumUp(stage, nodes, acted, { ...summary, clipsPlayable: clips });
}

/** Records for the asked time, with the outage in it. Returns the seconds recorded. */
async function act(rules: DemoRules, relay: BadLink, signal: AbortSignal): Promise<number> {
  const words = demoWords[rules.language];
  const startedMs = performance.now();
  const until = (s: number) =>
    pause(Math.max(0, s * 1000 - (performance.now() - startedMs)), undefined, { signal }).catch(() => undefined);
  if (rules.outage !== undefined) {
    await until(rules.outage.fromS);
    relay.cut(true);
    rules.say(words.cut);
    await until(rules.outage.toS);
    relay.cut(false);
    rules.say(words.mended);
  }
  if (rules.seconds === undefined && !signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  if (rules.seconds !== undefined) await until(rules.seconds);
  return (performance.now() - startedMs) / 1000;
}

async function drain(nodes: readonly DemoNode[], rules: DemoRules, signal: AbortSignal): Promise<void> {
  const words = demoWords[rules.language];
  const deadlineMs = performance.now() + drainMsMax;
  for (let told = -1; performance.now() < deadlineMs; ) {
    const left = (await Promise.all(nodes.map((node) => node.waiting()))).reduce((sum, count) => sum + count, 0);
    if (left === 0) return;
    if (left !== told) rules.say(words.draining(left));
    told = left;
    // A second interrupt while draining: the rest stays unsent, and the summary says so.
    await pause(250);
    if (signal.aborted && rules.seconds !== undefined) return;
  }
}

async function sumUp(stage: Stage, nodes: readonly DemoNode[], seconds: number, hub: Summary['hub']): Promise<Summary> {
  const lost: string[] = [];
  const rows = [];
  for (const node of nodes) {
    const compared = await compareWithHub(node.dir, join(stage.hubDir, 'archive', node.id));
    lost.push(...compared.lost.map((name) => `${node.id}/${name}`));
    rows.push({ id: node.id, ...node.counts(), spoolLeft: compared.spoolLeft, ...node.usage() });
  }
  const { rejected, signatureFailures, chainGaps, clips, clipsPlayable } = hub;
  const ok =
    lost.length === 0 && rejected === 0 && signatureFailures === 0 && chainGaps === 0 && clips === clipsPlayable;
  return { ok, lost, seconds: Math.round(seconds * 10) / 10, nodes: rows, hub };
}

function blindNodes(nodes: readonly (DemoNode & StagedNode)[]): string {
  return nodes
    .filter((node) => !node.sees())
    .map((node) => node.id)
    .join(', ');
}

function brokerAddress(url: string | undefined, embeddedPort: number): { host: string; port: number } {
  if (url === undefined) return { host: '127.0.0.1', port: embeddedPort };
  const { protocol } = new URL(url);
  if (protocol !== 'mqtt:' && protocol !== 'mqtts:')
    throw new Error(`--broker must begin with mqtt:// or mqtts://, not ${protocol}//`);
  return brokerAt(url);
}

async function within<T>(promise: Promise<T>, ms: number, signal: AbortSignal, late: () => string): Promise<T> {
  const timer = new AbortController();
  const either = AbortSignal.any([signal, timer.signal]);
  try {
    return await Promise.race([
      promise,
      pause(ms, undefined, { signal: either }).then(
        () => Promise.reject(new Error(late())),
        () => Promise.reject(new Error('interrupted')),
      ),
    ]);
  } finally {
    timer.abort();
  }
}
