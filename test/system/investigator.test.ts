// An investigator's walk: an export is carried to a machine that has nothing of ours (a Debian out of the box, without a network) and checked by
// the words printed in it, typed as they stand. With MATLANG_LONG; MATLANG_CLEAN_ROOT names a clean root that is there already.
// What it prints is the transcript in docs/ref/investigator-walk.md.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type MadeCase, makeCase } from '../../cli/bench/tamper/make.ts';
import { skipWhen } from '../support/skip.ts';

const why = (): string | undefined => {
  if (process.env.MATLANG_LONG === undefined) return 'takes minutes: MATLANG_LONG=1';
  if (process.getuid?.() !== 0) return 'needs root for a clean root';
  return spawnSync('debootstrap', ['--version']).error === undefined ? undefined : 'debootstrap is not installed';
};
const dir = mkdtempSync(join(tmpdir(), 'matlang-walk-'));
const root = process.env.MATLANG_CLEAN_ROOT ?? join(dir, 'root');
const desk = join(root, 'case');
const test = suite<{ made: MadeCase }>('investigator', {} as { made: MadeCase });
const walk = skipWhen(why())(test);
test.before(async (at) => {
  if (why() !== undefined) return;
  at.made = await makeCase(dir, 2, 6);
  if (!existsSync(root)) {
    const made = spawnSync('debootstrap', ['--variant=minbase', '--include=openssl,age,unzip', 'bookworm', root], {
      encoding: 'utf8',
    });
    assert.is(made.status, 0, made.stdout.slice(-2000));
  }
});
test.after(() => {
  rmSync(desk, { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
});

/** In the clean root, in the folder of the case, without a network. */
function type(commands: string): string {
  const script = `cd /case && exec 2>&1\n${commands}`;
  const run = spawnSync('unshare', ['--net', 'chroot', root, '/bin/sh', '-c', script], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
  });
  process.stdout.write(`\n$ ${commands.trim().split('\n').join('\n> ')}\n${run.stdout}`);
  return run.stdout;
}

/** The steps as the investigator copies them out of the paper. */
const steps = `sed -n '/^# --- 0 ---/,/^HOW TO CHECK/p' huong-dan-kiem-tra.txt | sed '$d' > steps.sh`;

walk(
  'nothing of ours is there; the printed steps find an untouched export right, with and without the key',
  ({ made }) => {
    rmSync(desk, { recursive: true, force: true });
    mkdirSync(desk);
    copyFileSync(made.path, join(desk, basename(made.path)));
    assert.match(type('command -v node matlang ffmpeg python3 || echo none of them'), 'none of them');
    type('sha256sum *.zip && unzip -q *.zip && ls');
    const said = type(`${steps}\nsh steps.sh`);
    assert.not.match(said, 'SAI');
    for (const { name, fingerprint } of made.keys) assert.ok(said.includes(`keys/${name}.pub ${fingerprint}`), said);
    copyFileSync(join(dir, 'hub/key.txt'), join(desk, 'key.txt'));
    assert.not.match(type('KEY=/case/key.txt sh steps.sh'), 'SAI');
  },
);

walk('the printed steps name what was touched: a record, a picture, a film, the chain, the list', () => {
  const flip = (path: string) =>
    `f=$(ls ${path} | head -n 1); printf 'x' | dd of="$f" bs=1 seek=700 conv=notrunc status=none; echo "touched $f"`;
  type(['records/*/*/*.seg', 'stills/*', 'video/*', 'chain/*', 'SHA256SUMS'].map(flip).join('\n'));
  const said = type('sh steps.sh');
  for (const place of ['SAI records/', 'SAI stills/', 'video/', 'SAI chain/', 'SHA256SUMS: FAILED'])
    assert.ok(said.includes(place), `${place}\n${said}`);
});

test.run();
