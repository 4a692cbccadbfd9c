// A node that works, whatever is done to it: what each case of rubbish asks for.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skipWhen } from '../support/skip.ts';
import { until } from '../support/until.ts';
import { ofKind, withRig } from './checks.ts';
import { makeFilm } from './film.ts';
import { ageOpens } from './outsider.ts';
import { logged, type Rig, type RigRules, type Running } from './rig.ts';
import { sideBySide } from './side-by-side.ts';

export interface Case {
  readonly name: string;
  readonly rules?: Partial<RigRules>;
  /** Why it cannot be tried here. */
  readonly skip?: string | undefined;
  readonly body: (rig: Rig) => Promise<void>;
}

export interface Node {
  readonly recorder: Running;
  readonly uplink: Running;
  /** The last vitals; undefined before the first. */
  vitals(): Vitals | undefined;
  config(): { readonly error?: string } | undefined;
}
export interface Vitals {
  readonly faults?: readonly { readonly code: string; readonly text: string }[];
  readonly counts?: Readonly<Record<string, number>>;
}

/** Hub and node, running, and somebody who listens to what the node says of itself. */
export async function startAll(rig: Rig): Promise<Node> {
  await rig.hub();
  const last = await rig.heard();
  const said = (topic: string) => JSON.parse(last.get(topic) ?? 'null') ?? undefined;
  return { recorder: rig.recorder(), uplink: rig.uplink(), vitals: () => said('vitals'), config: () => said('config') };
}

export const hasPicture = ({ recorder }: Pick<Node, 'recorder'>) => logged(recorder, 'first picture').length > 0;
export const inPhase = (rig: Rig, phase: string) =>
  ofKind(rig.atHub(), 'event').filter(({ manifest }) => (manifest.event as { phase: string }).phase === phase).length;

/** The proof that a node lives: somebody presses the button, and the hub has it. */
export async function stillDelivers(rig: Rig, node: Pick<Node, 'recorder' | 'uplink'>, ms = 15_000): Promise<void> {
  // While an event goes on a press is part of it.
  await until('quiet', () => inPhase(rig, 'new') <= inPhase(rig, 'end'), ms);
  const before = inPhase(rig, 'new');
  await rig.press();
  await until('the alarm at the hub', () => inPhase(rig, 'new') > before, ms).catch((cause: unknown) => {
    throw new Error(`no alarm; the node said:\n${[...node.recorder.said, ...node.uplink.said].join('\n')}`, { cause });
  });
  assert.ok(node.recorder.isRunning(), node.recorder.said.join('\n'));
  assert.ok(node.uplink.isRunning(), node.uplink.said.join('\n'));
}

/** A fault as it stands in the vitals, with its words. */
export async function standing(node: Node, code: RegExp, words: RegExp): Promise<void> {
  const found = () => node.vitals()?.faults?.find((fault) => code.test(fault.code));
  await until(`a fault ${code}`, () => found() !== undefined, 25_000);
  assert.match(found()?.text ?? '', words);
}

interface FaultBody {
  readonly code: string;
  readonly standing: boolean;
  readonly text: string;
}

/** By the hash of their records: opening one starts a program. */
const opened = new Map<string, FaultBody>();

/** What fault records at the hub say. */
export const faultsAtHub = (rig: Rig): FaultBody[] =>
  ofKind(rig.atHub(), 'fault').map(({ sha256, body }) => {
    const fault = opened.get(sha256) ?? (JSON.parse(ageOpens(body, rig.sealKey).toString()) as FaultBody);
    opened.set(sha256, fault);
    return fault;
  });

/** One test for each case, on a film in which nothing moves: whatever happens, somebody did it. */
export function tryAll(name: string, cases: readonly Case[]): void {
  const dir = mkdtempSync(join(tmpdir(), 'matlang-rubbish-'));
  const film = join(dir, 'quiet.mp4');
  const test = suite(name);
  const tried = cases.filter(({ skip }) => skip === undefined);
  const outcomes = new Map<Case, Promise<void>>();
  test.before(() => {
    makeFilm(film, { seconds: 40, passes: [] });
    const running = sideBySide(
      2,
      tried.map(
        ({ rules, body }) =>
          () =>
            withRig({ film, ...rules }, body),
      ),
    );
    for (const [n, outcome] of running.entries()) outcomes.set(tried[n] as Case, outcome);
  });
  test.after(async () => {
    await Promise.allSettled(outcomes.values());
    rmSync(dir, { recursive: true, force: true });
  });
  for (const each of cases) skipWhen(each.skip)(test)(each.name, () => outcomes.get(each));
  test.run();
}
