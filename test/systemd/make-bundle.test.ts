// The makers' side of a new operating system: rauc's bundle from two images, by the script, with Debian's own rauc.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bootConfig, bootImage, makeSigner, rootWords } from '../support/two-systems.ts';

const test = suite('systemd/make-bundle');
const base = mkdtempSync(join(tmpdir(), 'matlang-bundle-'));
test.after(() => rmSync(base, { recursive: true }));
const script = fileURLToPath(new URL('../../systemd/os/make-bundle.sh', import.meta.url));
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const absent = ['rauc', 'mksquashfs', 'mtype', 'mkfs.vfat', 'openssl'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`], { env }).status !== 0,
);
const bundles = absent.length === 0 ? test : test.skip;
if (absent.length > 0) console.log(`SKIP: a bundle is made by ${absent.join(', ')}: not installed`);

const root = join(base, 'root.ext4');
writeFileSync(root, randomBytes(1 << 20));
let count = 0;
const make = (boot: string, signer: { readonly cert: string; readonly key: string }) => {
  const out = join(base, `${count++}.raucb`);
  const words = ['--root', root, '--boot', boot, '--version', '2026.11', '--cert', signer.cert, '--key', signer.key];
  return { out, run: spawnSync('sh', [script, ...words, out], { env, encoding: 'utf8' }) };
};

bundles('holds both images, says whose key signed it, and is believed by that certificate alone', () => {
  const [vendor, stranger] = [makeSigner(base, 'vendor'), makeSigner(base, 'stranger')];
  const { out, run } = make(bootImage(base, {}), vendor);
  assert.is(run.status, 0, run.stderr);
  assert.match(run.stdout, `signed with ${vendor.key}`);
  assert.match(run.stdout, /subject=CN = vendor/);
  assert.match(run.stdout, /[0-9A-F:]{95}/);
  const info = (cert: string) => spawnSync('rauc', ['info', '--keyring', cert, out], { encoding: 'utf8' });
  assert.match(
    info(vendor.cert).stdout,
    /Compatible:\s+'matlang-node'[\s\S]*2026\.11[\s\S]*root\.ext4[\s\S]*boot\.vfat/,
  );
  assert.is(info(stranger.cert).status, 1);
  assert.equal(
    readdirSync(base).filter((name) => name.startsWith('bundle.')),
    [],
  );
});

for (const [what, files, why] of [
  ['does not ask where it lies', { 'config.txt': '# stock\n' }, 'does not say cmdline=cmdline-a.txt'],
  ['asks for one place only', { 'config.txt': bootConfig.replace('=3]', '=4]') }, 'under [boot_partition=3]'],
  ['has one command line only', { 'cmdline-b.txt': undefined }, 'has no cmdline-b.txt'],
  ['would start the other root', { 'cmdline-b.txt': `${rootWords('A')} rauc.slot=B` }, 'root=PARTUUID=6d61746c-06'],
  ['would take itself for the other', { 'cmdline-b.txt': rootWords('B').replace('slot=B', 'slot=A') }, 'rauc.slot=B'],
] as const) {
  bundles(`a boot image that ${what} is refused before anything is signed`, () => {
    const { out, run } = make(bootImage(base, files), { cert: '/nowhere', key: '/nowhere' });
    assert.is(run.status, 1);
    assert.match(run.stderr, why);
    assert.not(existsSync(out));
  });
}

bundles('what is missing is named', () => {
  const run = spawnSync('sh', [script, '--root', root, join(base, 'x.raucb')], { env, encoding: 'utf8' });
  assert.is(run.status, 2);
  assert.match(run.stderr, 'boot is missing');
});

test.run();
