// The program of the virtual node that is updated: parked once it has loaded; each life then mounts the card, lets the launcher go on from what it
// finds, says what runs, and takes one update after the other by the product's own client until the power goes.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runShort } from '../../../hal/short-child.ts';
import { holds, readListIn } from '../../../ota/install.ts';
import { boot, drive } from '../../../ota/launcher.ts';
import { readState, releaseIn } from '../../../ota/root.ts';
import { shelf } from '../../../ota/shelf.ts';
import { folderSource } from '../../../ota/trust/source.ts';
import { hasTrust, plantTrust } from '../../../ota/trust/store.ts';
import { update } from '../../../ota/trust/update.ts';
import { openPort } from './port.ts';
import { madeMs, nameOf, releasesMade, type UpdateGo, type UpdateWord } from './update-words.ts';

const root = '/data/opt';
const repo = '/repo';
const rules = { root, selfTestArgs: [], selfTestMsMax: 60_000 };
const { say, hear } = openPort<UpdateWord>();

/** The hub has what the release on trial wrote at its start. */
const keep = () => drive(shelf, rules, readState(root), { is: 'receipt' });

const spoolHash = (): string => {
  const hash = createHash('sha256');
  const paths = readdirSync('/data/spool', { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const path of paths) hash.update(path).update(readFileSync(path));
  return hash.digest('hex');
};

/** What `current` leads to, and whether it is a release to its last byte. */
function look(): Omit<Extract<UpdateWord, { is: 'found' }>, 'is'> {
  const state = readState(root);
  const running = state.name === 'steady' ? state.release : null;
  if (running === null) return { running, state: state.name, whole: state.name === 'steady', spool: spoolHash() };
  const folder = releaseIn(root, running);
  const read = readListIn(folder);
  const whole =
    basename(readlinkSync(join(root, 'current'))) === running &&
    read.ok &&
    read.list.release === running &&
    holds(folder, read.list);
  return { running, state: state.name, whole, spool: spoolHash() };
}

async function live({ from }: UpdateGo): Promise<void> {
  // The kernel has read the card's beginning before it was parked; since then the card has lived on.
  await runShort('blockdev', ['--flushbufs', '/dev/vda'], { timeoutMs: 10_000 });
  await runShort('mount', ['-t', 'ext4', '-o', 'noatime', '/dev/vda', '/data'], { timeoutMs: 30_000 });
  mkdirSync(root, { recursive: true });
  if (!hasTrust(root)) plantTrust(shelf, root, readFileSync(join(repo, 'metadata/1.root.json')));
  await boot(shelf, rules);
  await keep();
  say({ is: 'found', ...look() });
  const world = { shelf, rules, source: folderSource(repo), referenceMs: madeMs, told: () => undefined };
  for (let nth = from; nth <= releasesMade; nth++) {
    say({ is: 'begun', nth });
    const updated = await update({ ...world, wanted: nameOf(nth) });
    await keep();
    const { running } = look();
    say({ is: 'done', nth, running, why: updated.ok ? '' : `${updated.why}: ${updated.text}` });
  }
}

try {
  say({ is: 'parked' });
  await live(JSON.parse(hear()));
} catch (error) {
  say({ is: 'failed', why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
