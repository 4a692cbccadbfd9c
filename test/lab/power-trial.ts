// One virtual node and its card: so many lives, each ended by a power cut at a moment of chance, each looked at by the next one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { below, type Random, seeded } from '../../hal/sim-disk/random.ts';
import { foldBoot, foldNode, type Link } from '../../hub/chain.ts';
import { until } from '../support/until.ts';
import type { GuestWord } from './guest/words.ts';
import { serveNbd } from './nbd.ts';
import { consoleIn, type ParkedNode } from './parked-node.ts';
import { type Honesty, openVirtualCard, type VirtualCard } from './virtual-card.ts';
import { resumeVm, type Vm } from './vm.ts';

export interface PowerRules {
  readonly cuts: number;
  readonly seed: number;
  readonly honesty: Honesty;
  /** False: the node leaves its flushes out. */
  readonly flushes: boolean;
  readonly onLife?: (line: string) => void;
  /** No life begins after so long but the last one, which only looks; at least one has been cut short by then. */
  readonly msMax?: number;
}

export interface PowerFound {
  readonly cuts: number;
  /** Names that were acknowledged, and how many of them were gone after a cut. */
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly torn: readonly string[];
  /** Starts at which no recorder came, each with what was seen of it. */
  readonly unusable: readonly string[];
  readonly mended: number;
  readonly remade: number;
  /** Of these, in how many the hub was told in the same life. */
  readonly remadeTold: number;
  /** From the machine's going on to a recorder that runs. */
  readonly slowestStartMs: number;
  /** Footage of the event that went on when the power went, missing at the next start. */
  readonly footageLostMs: readonly number[];
  readonly chainGaps: number;
  readonly sectors: { readonly dropped: number; readonly kept: number; readonly torn: number };
}

/** Recording again after a card that lied: the bound is the product's own. */
const startMsMax = 120_000;
const lifeMs = { least: 200, most: 2800 } as const;

interface Book {
  readonly must: Set<string>;
  readonly atHub: Set<string>;
  readonly links: Map<string, Link[]>;
  readonly sectors: { dropped: number; kept: number; torn: number };
  readonly lost: string[];
  readonly torn: string[];
  readonly footageLostMs: number[];
  acknowledged: number;
  readonly unusable: string[];
  mended: number;
  remade: number;
  remadeTold: number;
  slowestStartMs: number;
  /** Of the life that the last cut ended. */
  before: { readonly boot: string; readonly fromMonoMs: number; readonly cutMonoMs: number } | undefined;
}

export async function cutPower(node: ParkedNode, rules: PowerRules): Promise<PowerFound> {
  const card = openVirtualCard(node.card, rules.honesty);
  const random = seeded(rules.seed);
  const book: Book = {
    ...{
      must: new Set(),
      atHub: new Set(),
      links: new Map(),
      lost: [],
      torn: [],
      unusable: [],
      footageLostMs: [],
      before: undefined,
    },
    ...{ acknowledged: 0, mended: 0, remade: 0, remadeTold: 0, slowestStartMs: 0 },
    sectors: { dropped: 0, kept: 0, torn: 0 },
  };
  const giveUpAt = performance.now() + (rules.msMax ?? Number.POSITIVE_INFINITY);
  // The last start only looks.
  let cuts = 0;
  for (let isLast = false; !isLast; ) {
    isLast = cuts === rules.cuts || (cuts > 0 && performance.now() > giveUpAt);
    const line = await live(node, card, rules, random, book, isLast);
    rules.onLife?.(`${cuts} of ${rules.cuts}: ${line}`);
    if (!isLast) cuts += 1;
  }
  const boots = [...book.links].sort(([one], [other]) => (one < other ? -1 : 1));
  const chains = boots.flatMap(
    ([boot, links]) =>
      foldBoot(
        boot,
        links.sort((one, other) => one.seq - other.seq),
      ) ?? [],
  );
  const { must: _must, atHub: _atHub, links: _links, before: _before, ...found } = book;
  return { ...found, cuts, chainGaps: foldNode(chains).gaps };
}

async function live(
  node: ParkedNode,
  card: VirtualCard,
  rules: PowerRules,
  random: Random,
  book: Book,
  isLast: boolean,
): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'cut-'));
  const cardSocket = join(dir, 'card');
  const server = await serveNbd(card, cardSocket);
  let vm: Vm | undefined;
  try {
    vm = await resumeVm({ ...node.plan, dir, card: { socket: cardSocket } }, node.statePath);
    const life = openLife(vm, book);
    const toldHub = [...book.atHub];
    vm.say(JSON.stringify({ flushes: rules.flushes, delivered: toldHub }));
    const isUp = () => life.boot !== undefined || life.failed !== undefined;
    await until('the recorder', () => isUp() || vm?.isRunning() !== true, startMsMax).catch((error: unknown) => {
      throw new Error(`${String(error)}; the node said: ${vm?.said.slice(-3).join(' ')} ${consoleIn(dir)}`);
    });
    if (life.healed === undefined || life.boot === undefined) {
      card.cut(random);
      const seen = `${life.healed?.data ?? 'nothing healed'} ${life.healed?.why ?? ''} ${life.failed ?? ''} ${consoleIn(dir)}`;
      book.unusable.push(seen);
      return `UNUSABLE ${seen}`;
    }
    judge(life, book, toldHub);
    // A cut may come before a slow machine could tell; whether it tells at all is asked here.
    if (life.healed.data === 'remade')
      await until('a word of the new card', () => tells(life.kept), startMsMax).catch(() => undefined);
    if (!isLast) await momentOfCut(card, random);
    // From here on nothing reaches the card any more.
    const closed = server.close();
    const cut = card.cut(random);
    for (const fate of ['dropped', 'kept', 'torn'] as const) book.sectors[fate] += cut[fate];
    const kept = new Set(life.kept);
    book.acknowledged += kept.size;
    for (const name of kept) book.must.add(name);
    book.before =
      life.filmingMonoMs === undefined
        ? undefined
        : { boot: life.boot, fromMonoMs: life.filmingMonoMs, cutMonoMs: life.tickMonoMs };
    if (life.healed.data === 'remade' && tells([...kept])) book.remadeTold += 1;
    await closed;
    return `${life.healed.data}, up in ${life.startMs} ms, ${kept.size} acknowledged, cut at ${cut.dropped + cut.kept + cut.torn} unflushed writes`;
  } finally {
    await vm?.kill();
    await server.close().catch(() => undefined);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** That what lay on the card is gone. */
const tells = (names: readonly string[]) => names.some((name) => name.includes('-tombstone-'));

interface Life {
  healed: Extract<GuestWord, { is: 'healed' }> | undefined;
  boot: string | undefined;
  startMs: number;
  failed: string | undefined;
  filmingMonoMs: number | undefined;
  tickMonoMs: number;
  readonly have: Set<string>;
  readonly kept: string[];
  readonly footage: Map<string, number>;
}

function openLife(vm: Vm, book: Book): Life {
  const life: Life = {
    ...{ healed: undefined, boot: undefined, startMs: 0, failed: undefined, filmingMonoMs: undefined, tickMonoMs: 0 },
    ...{ have: new Set(), kept: [], footage: new Map() },
  };
  const hear = (word: GuestWord) => {
    switch (word.is) {
      case 'healed':
        life.healed = word;
        return;
      case 'have':
        for (const name of word.names) life.have.add(name);
        return;
      case 'torn':
        life.have.delete(word.name);
        book.torn.push(`${word.name}: ${word.why}`);
        return;
      case 'links':
        for (const { boot, ...link } of word.links) {
          const links = book.links.get(boot) ?? [];
          if (!links.some(({ seq, sha256 }) => seq === link.seq && sha256 === link.sha256))
            book.links.set(boot, [...links, link]);
        }
        return;
      case 'footage':
        life.footage.set(word.boot, word.toMonoMs);
        return;
      case 'running':
        Object.assign(life, { boot: word.boot, startMs: word.tookMs });
        return;
      case 'kept':
        life.kept.push(word.name);
        return;
      case 'filming':
        life.filmingMonoMs = word.fromMonoMs;
        return;
      case 'tick':
        life.tickMonoMs = word.monoMs;
        return;
      case 'failed':
        life.failed = word.why;
    }
  };
  // Half a line is what a cut leaves of the last word.
  vm.onLine((line) => hear(JSON.parse(line) as GuestWord));
  return life;
}

/** What the start after a cut found, held against what was acknowledged before it. */
function judge(life: Life, book: Book, toldHub: readonly string[]): void {
  for (const name of book.must) if (!life.have.has(name)) book.lost.push(name);
  if (life.healed?.data === 'mended') book.mended += 1;
  if (life.healed?.data === 'remade') book.remade += 1;
  book.slowestStartMs = Math.max(book.slowestStartMs, life.startMs);
  if (book.before !== undefined) {
    const { boot, fromMonoMs, cutMonoMs } = book.before;
    book.footageLostMs.push(Math.max(0, cutMonoMs - Math.max(fromMonoMs, life.footage.get(boot) ?? 0)));
  }
  book.must.clear();
  // What was delivered before this start may be evicted from now on; the rest must be there again.
  for (const name of life.have) if (!toldHub.includes(name)) book.must.add(name);
  book.atHub.clear();
  for (const name of life.have) book.atHub.add(name);
}

/** By the clock, or at a write that follows a flush: cuts by the clock alone mostly meet an empty cache. */
async function momentOfCut(card: VirtualCard, random: Random): Promise<void> {
  await pause(lifeMs.least + below(lifeMs.most - lifeMs.least, random));
  if (random() < 0.75) {
    // A segment is one write or two, a commit of the journal as many.
    const wanted = 1 + below(3, random);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1500);
      card.onWrite = () => {
        if (card.counts().waiting < wanted) return;
        clearTimeout(timer);
        resolve();
      };
    });
    card.onWrite = undefined;
  }
}
