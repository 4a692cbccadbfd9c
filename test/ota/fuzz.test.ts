// A million mutated metadata, lists, archives and answers of a server (usually a fiftieth): none is believed, nothing crashes, and nothing is
// written outside the slot. MATLANG_SEED repeats a run.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { below, pick, type Random, seeded } from '../../hal/sim-disk/random.ts';
import { holds, install } from '../../ota/install.ts';
import { isSafePath, type ReleaseList } from '../../ota/release-list.ts';
import { shelf } from '../../ota/shelf.ts';
import { gather } from '../../ota/trust/gather.ts';
import { mirror } from '../../ota/trust/mirror.ts';
import { unhurried } from '../../ota/trust/pace.ts';
import type { Source } from '../../ota/trust/source.ts';
import { filePath, listPath, type Offer } from '../../ota/trust/targets.ts';
import {
  nextRoot,
  type Role,
  type Took,
  type Trusted,
  takeSnapshot,
  takeTargets,
  takeTimestamp,
} from '../../ota/trust/trusted-set.ts';
import { openForge } from './forge.ts';
import { nowMs } from './makers.ts';
import { spoilBytes, spoilJson } from './mutate.ts';
import { smallRelease } from './small-release.ts';

const test = suite('ota/fuzz');
const isLong = process.env.MATLANG_LONG !== undefined;
const times = isLong
  ? { metadata: 900_000, archives: 80_000, answers: 20_000 }
  : { metadata: 18_950, archives: 900, answers: 150 };
const seed = Number(process.env.MATLANG_SEED ?? Date.now() % 1_000_000);
/** In memory, where the machine has it: files are made by the hundred thousand. */
const base = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'matlang-fuzz-'));
test.after(() => rmSync(base, { recursive: true, force: true }));

const canary = join(base, 'canary');
writeFileSync(canary, 'untouched');
const untouched = (when: string) => {
  assert.is(readFileSync(canary, 'utf8'), 'untouched', when);
  assert.equal(
    readdirSync(base).filter((name) => !['canary', 'made', 'root', 'gathering'].includes(name)),
    [],
    when,
  );
};

test(`${times.metadata} mutated metadata: none is believed that does not say exactly what was signed`, () => {
  const forge = openForge();
  forge.publish();
  // Named by version alone, so that nothing but the signature stands between a change and belief.
  const bare = (role: string, version: number) => ({ more: { meta: { [`${role}.json`]: { version } } } });
  const targets = {
    '2.0.0/x64/release.json': { length: 9, hashes: { sha256: 'a'.repeat(64) }, custom: { release: '2.0.0' } },
  };
  const right = {
    targets: forge.targets({ more: { targets } }),
    snapshot: forge.snapshot(bare('targets', 2)),
    timestamp: forge.timestamp(bare('snapshot', 2)),
    root: forge.root(),
  };
  const taken = <T>(took: Took<T>): T => {
    if (!took.ok) throw new Error(took.text);
    return took.now;
  };
  const first = forge.fresh();
  const timed = taken(takeTimestamp(first, right.timestamp, nowMs));
  const snapped = taken(takeSnapshot(timed, right.snapshot, nowMs));
  const steps: Readonly<Record<Role, (bytes: Uint8Array) => Took<Trusted>>> = {
    root: (bytes) => nextRoot(first, bytes),
    timestamp: (bytes) => takeTimestamp(first, bytes, nowMs),
    snapshot: (bytes) => takeSnapshot(timed, bytes, nowMs),
    targets: (bytes) => takeTargets(snapped, bytes, nowMs),
  };
  const roles = ['root', 'timestamp', 'snapshot', 'targets'] as const;
  const saysOf = (took: Took<Trusted>, role: Role) => JSON.stringify(taken(took)[role]?.signed.toJSON());
  const says = Object.fromEntries(roles.map((role) => [role, saysOf(steps[role](right[role]), role)]));
  const random = seeded(seed);
  let same = 0;
  for (let at = 0; at < times.metadata; at++) {
    const role = roles[at % 4] ?? 'root';
    const bytes = right[role];
    const wrong =
      random() < 0.5 ? spoilBytes(bytes, random) : Buffer.from(spoilJson(Buffer.from(bytes).toString(), random));
    const took = steps[role](wrong);
    if (!took.ok) continue;
    // White space, the order of signatures, a field outside: it says the same.
    same += 1;
    assert.is(saysOf(took, role), says[role], `seed ${seed}, ${at}: ${wrong.toString('latin1').slice(0, 300)}`);
  }
  assert.ok(same < times.metadata / 5, `${same} of ${times.metadata} said the same`);
  assert.is(Reflect.get({}, 'signed'), undefined, 'no prototype was changed');
  console.log(`\nmetadata: ${times.metadata}, 0 believed that say anything else, ${same} that say the same`);
});

/** Something of the archive is not what it was. */
function spoilArchive(folder: string, list: ReleaseList, random: Random): string {
  const path = pick(list.files, random)?.path ?? '';
  const full = join(folder, path);
  const outside = join(folder, 'outside');
  const listed = (more: object) => writeFileSync(join(folder, 'release.json'), JSON.stringify({ ...list, ...more }));
  const instead = (put: () => void) => {
    rmSync(full, { recursive: true, force: true });
    put();
  };
  switch (below(11, random)) {
    case 0:
      instead(() => symlinkSync(canary, full));
      return 'a link';
    case 1:
      instead(() => linkSync(canary, full));
      return 'a second name of a file outside';
    case 2:
      instead(() => symlinkSync('/dev/zero', full));
      return 'a device';
    case 3:
      if (random() < 0.2) instead(() => void spawnSync('mkfifo', [full]));
      else instead(() => mkdirSync(full));
      return 'a pipe or a folder';
    case 4:
      renameSync(dirname(full), outside);
      symlinkSync(outside, dirname(full));
      return 'a folder that is a link';
    case 5:
    case 6:
      writeFileSync(full, spoilBytes(readFileSync(full), random));
      return 'bytes of a file';
    case 7: {
      // Whole and true in itself, but for where it leads.
      const to =
        pick(['../canary', '../../canary', `${base}/canary`, 'x/../../../canary', '.ssh', 'a/./b'], random) ?? '';
      listed({ files: list.files.map((file) => (file.path === path ? { ...file, path: to } : file)) });
      return `a path ${to}`;
    }
    case 8:
      listed({ release: pick(['../x', '..', '.', 'a/b', '', '-x', '.hidden', 'A'], random) });
      return 'a name that is a path';
    case 9:
      writeFileSync(join(folder, 'release.json'), spoilBytes(Buffer.from(JSON.stringify(list)), random));
      return 'bytes of the list';
    default:
      writeFileSync(join(folder, 'release.json'), spoilJson(JSON.stringify(list), random));
      return 'the list';
  }
}

test(`${times.archives} mutated archives: what is installed is what its own list says, all else is refused, and nothing is outside the slot`, async () => {
  const root = join(base, 'root');
  mkdirSync(join(root, 'releases'), { recursive: true });
  const random = seeded(seed + 1);
  let installed = 0;
  for (let at = 0; at < times.archives; at++) {
    const made = join(base, 'made');
    const list = await smallRelease(made, '2.0.0');
    const what = spoilArchive(made, list, random);
    const when = `seed ${seed}, ${at}: ${what}`;
    const result = install(shelf, made, root, []);
    untouched(when);
    assert.equal(readdirSync(root), ['releases'], when);
    const slots = readdirSync(join(root, 'releases'));
    if (result.ok) {
      installed += 1;
      assert.equal(slots, [result.list.release], when);
      assert.ok(
        result.list.files.every(({ path }) => isSafePath(path)),
        when,
      );
      assert.ok(holds(join(root, 'releases', result.list.release), result.list), when);
    } else assert.equal(slots, [], when);
    for (const slot of slots) rmSync(join(root, 'releases', slot), { recursive: true });
    rmSync(made, { recursive: true, force: true });
  }
  console.log(`\narchives: ${times.archives}, ${installed} with a list that is sound in itself, 0 outside the slot`);
});

test(`${times.answers} answers of a server that lies: a signed release is brought as it was signed, or not at all`, async () => {
  const made = join(base, 'made');
  const list = await smallRelease(made, '2.0.0', 'exit 0', {
    'app/a.js': 'a'.repeat(3000),
    'app/b.js': 'b'.repeat(30),
  });
  const text = readFileSync(join(made, 'release.json'));
  const sha256 = createHash('sha256').update(text).digest('hex');
  const offer: Offer = {
    ...{ release: '2.0.0', arch: process.arch, serial: 1, note: { vi: '', en: '' } },
    list: { sha256, bytes: text.length },
  };
  const right = new Map<string, Buffer>([[listPath(offer), text]]);
  for (const file of list.files) right.set(filePath(file.sha256), gzipSync(readFileSync(join(made, file.path))));
  rmSync(made, { recursive: true });
  const random = seeded(seed + 2);
  const bomb = gzipSync(Buffer.alloc(2_000_000));
  let brought = 0;
  for (let at = 0; at < times.answers; at++) {
    const updateRoot = join(base, 'gathering');
    mkdirSync(join(updateRoot, 'releases'), { recursive: true });
    const wrong = pick([...right.keys()], random);
    const spoil = (bytes: Buffer): Buffer => (random() < 0.1 ? bomb : spoilBytes(bytes, random));
    const answer = (path: string) => {
      const bytes = right.get(path) ?? Buffer.alloc(0);
      // Now and then the right thing after all.
      return path === wrong && random() < 0.9 ? spoil(bytes) : bytes;
    };
    const source: Source = {
      read: async (path, bytesMax) => {
        const bytes = answer(path);
        return bytes.length > bytesMax ? { ok: false, why: 'too-large', text: path } : { ok: true, bytes };
      },
      pull: async (path, from) => {
        const bytes = answer(path).subarray(from);
        return {
          ok: true,
          from,
          chunks: (async function* () {
            yield bytes;
          })(),
        };
      },
    };
    const when = `seed ${seed}, ${at}: ${wrong}`;
    const into = join(updateRoot, 'mirror');
    mkdirSync(into);
    const told = () => undefined;
    const fetched = await mirror({ source, into, updateRoot, pace: unhurried, told }, offer);
    const gathered = fetched.ok ? await gather({ shelf, updateRoot, from: into, told }, offer) : fetched;
    untouched(when);
    assert.equal(readdirSync(join(updateRoot, 'releases')), [], when);
    if (gathered.ok) {
      brought += 1;
      assert.ok(holds(gathered.folder, list), when);
    } else assert.ok(['damaged', 'too-large'].includes(gathered.why), `${when}: ${gathered.why}`);
    rmSync(updateRoot, { recursive: true });
  }
  console.log(`\nanswers: ${times.answers}, ${brought} brought whole, 0 otherwise`);
});

test.run();
