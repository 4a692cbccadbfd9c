// `npm run lab:update -- [--cuts N] [--seed N]`: the power goes at moments of chance while a virtual node is updated, on a real ext4 on a card that loses what was not flushed. After each
// cut the launcher goes on by itself; what runs then must be exactly the old release or exactly the new one, and what waits for the hub untouched.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { below, type Random, seeded } from '../../hal/sim-disk/random.ts';
import { found, releaseSmall } from '../ota/makers.ts';
import { until } from '../support/until.ts';
import { fetchKernel, labCache } from './debian.ts';
import { isFaulty, madeMs, nameOf, releasesMade, releasesPerLife, type UpdateWord } from './guest/update-words.ts';
import type { RootFile } from './initramfs.ts';
import { serveNbd } from './nbd.ts';
import { consoleIn, fileSystem, missingPrograms, type ParkedNode, parkedNode } from './parked-node.ts';
import { openVirtualCard, type VirtualCard } from './virtual-card.ts';
import { noQemu, resumeVm, type Vm } from './vm.ts';

const { values } = parseArgs({
  options: { cuts: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
const cutsWanted = Number(values.cuts);
const cardMiB = 128;
const waitMsMax = 180_000;
/** In so many lives one update comes to its end before the one that is cut. */
const shareWithOneWhole = 0.5;
/** Until one was seen to its end. */
const updateMsUsual = 4000;
const say = (line: string) => void process.stderr.write(`${line}\n`);

interface Book {
  /** What must run unless an update was under way. */
  old: string | null;
  under: number | undefined;
  spool: string | undefined;
  next: number;
  /** How long an update takes here. */
  updateMs: number;
  readonly wrong: string[];
  readonly tally: {
    cuts: number;
    cutUnderWay: number;
    newAfter: number;
    done: number;
    tookBack: number;
    unflushed: number;
  };
}

const missing = noQemu() ?? missingPrograms();
const kernel = fetchKernel();
if (missing !== undefined || !kernel.ok) {
  say(`the update lab cannot run here: ${missing ?? (kernel.ok ? '' : kernel.why)}`);
  process.exit(1);
}
const plan = { name: 'update', child: 'update-child', memoryMiB: 768, files: await madeOnce(), folders: ['/data'] };
const node = await parkedNode(plan, kernel.kernel, newCard(), say);
const card = openVirtualCard(node.card);
const random = seeded(Number(values.seed));
const book: Book = {
  ...{ old: null, under: undefined, spool: undefined, next: 1, updateMs: updateMsUsual, wrong: [] },
  tally: { cuts: 0, cutUnderWay: 0, newAfter: 0, done: 0, tookBack: 0, unflushed: 0 },
};
// The last life only looks.
for (let cut = 0; cut <= cutsWanted && book.next < releasesMade - releasesPerLife; cut++)
  await live(node, card, cut === cutsWanted);
const { cuts, cutUnderWay, newAfter, done, tookBack, unflushed } = book.tally;
if (cuts < cutsWanted)
  book.wrong.push(`the ${releasesMade} releases were used up after ${cuts} cuts: ${cutsWanted} were to be made`);
for (const line of book.wrong) process.stdout.write(`${line}\n`);
const passes = book.wrong.length === 0;
process.stdout.write(
  `${cuts} power cuts, ${cutUnderWay} of them in an update (after ${newAfter} the new release ran), ${unflushed} unflushed writes at the cuts; ${done} updates between them came to their end, ${tookBack} faulty ones taken back; ${book.wrong.length} faults: else exactly old or exactly new; seed ${values.seed}: ${passes ? 'pass' : 'FAIL'}\n`,
);
process.exitCode = passes ? 0 : 1;

async function live({ plan: vmPlan, statePath }: ParkedNode, on: VirtualCard, isLast: boolean): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'upd-'));
  const socket = join(dir, 'card');
  const server = await serveNbd(on, socket);
  let vm: Vm | undefined;
  try {
    vm = await resumeVm({ ...vmPlan, dir, card: { socket } }, statePath);
    const life = { isFound: false, begun: 0, begunMs: 0, done: 0 };
    vm.onLine((line) => {
      const word: UpdateWord = JSON.parse(line);
      if (word.is === 'found' || word.is === 'failed') life.isFound = true;
      if (word.is === 'begun') Object.assign(life, { begun: life.begun + 1, begunMs: performance.now() });
      if (word.is === 'done') {
        life.done += 1;
        if (!isFaulty(word.nth)) book.updateMs = performance.now() - life.begunMs;
      }
      hear(word);
    });
    vm.say(JSON.stringify({ from: isLast ? releasesMade + 1 : book.next }));
    await until('the node', () => life.isFound || vm?.isRunning() !== true, waitMsMax);
    if (!life.isFound) throw new Error(`the node ended: ${vm.lastWords()} ${consoleIn(dir)}`);
    if (isLast) return;
    const whole = random() < shareWithOneWhole ? 1 : 0;
    await until('an update', () => life.done >= whole && life.begun > whole, waitMsMax);
    await momentOfCut(on, random);
    // From here on nothing reaches the card any more.
    const closed = server.close();
    const { dropped, kept, torn } = on.cut(random);
    await vm.kill();
    await closed;
    book.tally.cuts += 1;
    book.tally.unflushed += dropped + kept + torn;
    if (book.under !== undefined) book.tally.cutUnderWay += 1;
    if (book.tally.cuts % 10 === 0) say(`${book.tally.cuts} of ${cutsWanted}, ${book.wrong.length} wrong`);
  } finally {
    await vm?.kill();
    await server.close().catch(() => undefined);
    rmSync(dir, { recursive: true, force: true });
  }
}

function hear(word: UpdateWord): void {
  const { tally, wrong } = book;
  switch (word.is) {
    case 'found': {
      const may = [book.old, ...(book.under === undefined || isFaulty(book.under) ? [] : [nameOf(book.under)])];
      if (!may.includes(word.running) || !word.whole || word.state !== 'steady')
        wrong.push(`after cut ${tally.cuts}: ${JSON.stringify(word)}, not ${may.join(' or ')}`);
      if (book.under !== undefined && word.running === nameOf(book.under)) tally.newAfter += 1;
      book.spool ??= word.spool;
      if (word.spool !== book.spool) wrong.push(`after cut ${tally.cuts}: the spool is another`);
      Object.assign(book, { old: word.running, under: undefined });
      return;
    }
    case 'begun':
      Object.assign(book, { under: word.nth, next: word.nth + 1 });
      return;
    case 'done': {
      const must = isFaulty(word.nth) ? book.old : nameOf(word.nth);
      if (word.running !== must) wrong.push(`${nameOf(word.nth)}: runs ${word.running}, not ${must}: ${word.why}`);
      tally.done += 1;
      if (isFaulty(word.nth)) tally.tookBack += 1;
      Object.assign(book, { old: word.running, under: undefined });
      return;
    }
    case 'failed':
      wrong.push(`after cut ${tally.cuts}: ${word.why}`);
  }
}

/** At a moment of chance, mostly one at which the card has something to lose. */
async function momentOfCut(on: VirtualCard, luck: Random): Promise<void> {
  await pause(below(Math.round(book.updateMs), luck));
  if (luck() < 0.25) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 2000);
    on.onWrite = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  on.onWrite = undefined;
}

/** The makers' repository, kept with its keys' signatures: another one would be another node. One large file that stays, as the runtime does, and one that changes. */
async function madeOnce(): Promise<RootFile[]> {
  const at = join(labCache(), `update-releases-${releasesMade}`);
  if (!existsSync(at)) {
    say(`${releasesMade} releases are signed …`);
    const [repo, made] = [`${at}.new`, `${at}.made`];
    rmSync(repo, { recursive: true, force: true });
    found(repo, madeMs);
    for (let nth = 1; nth <= releasesMade; nth++) {
      const files = { 'runtime/node': 'r'.repeat(1_000_000), 'app/recorder.js': `// ${nth}\n`.repeat(10_000) };
      await releaseSmall(repo, made, nameOf(nth), isFaulty(nth) ? 'exit 1' : 'exit 0', files, madeMs);
      rmSync(made, { recursive: true });
    }
    renameSync(repo, at);
  }
  return readdirSync(at, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: path.replace(at, '/repo'), bytes: readFileSync(path), mode: 0o644 }));
}

/** With a spool that no update may touch. */
function newCard(): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'card-'));
  try {
    for (let at = 0; at < 24; at++) {
      const folder = join(dir, `data/spool/${at % 6}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `record-${at}`), Buffer.alloc(100_000, at + 1));
    }
    return fileSystem(join(dir, 'card'), cardMiB * 1024 * 1024, ['-b', '4096', '-d', join(dir, 'data')]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
