// The Debian packages: what is in them, the same bytes twice, and (in the long run) both machines with the real runtime, their size, and lintian.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { setDrainStage } from '../../cli/bench/drain/stage.ts';
import { buildDeb, type DebPlan } from '../../cli/deb/build.ts';
import { debianVersion, packageNames } from '../../cli/deb/control.ts';
import { machines, stagingCache } from '../../cli/deb/staging.ts';
import { crowding } from '../support/patience.ts';
import { skipWhen } from '../support/skip.ts';

const test = suite('cli/deb');
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const base = await mkdtemp(join(tmpdir(), 'matlang-deb-test-'));
test.after(() => rm(base, { recursive: true }));
const runtime = join(base, 'node');
await writeFile(runtime, '#!/bin/sh\n');

const host = machines.find(({ node }) => node === process.arch);
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const packs = skipWhen(
  has('dpkg-deb') && host !== undefined ? undefined : 'packages are made on Debian, for amd64 and arm64',
)(test);

const quick = (name: DebPlan['name']): DebPlan => {
  if (host === undefined) throw new Error(`no package is made for ${process.arch}`);
  const instead = { runtime, staged: checkout };
  return {
    name,
    machine: host,
    checkout,
    version: '9.8.7',
    madeS: 1_700_000_000,
    cache: base,
    pack: 'quick',
    instead,
  };
};
const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
const said = (...args: string[]) => spawnSync('dpkg-deb', args, { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout;

packs("the node's package holds release, units, drop-ins, papers, and no footage, key or test", async () => {
  const file = await buildDeb(quick('matlang-node'), join(base, 'node-one'));
  const rows = said('-c', file).split('\n');
  const paths = rows.map((row) => row.split(/\s+/)[5] ?? '');
  for (const wanted of [
    './usr/lib/matlang/9.8.7/release.json',
    './usr/lib/matlang/9.8.7/bin/matlang-recorder',
    './usr/lib/matlang/9.8.7/app/scene-main.js',
    './usr/lib/matlang/9.8.7/app/sound-child.js',
    './usr/lib/matlang/9.8.7/app/node_modules/sharp/package.json',
    './usr/lib/systemd/system/matlang-recorder.service',
    './usr/lib/systemd/system/matlang-update.timer',
    './usr/lib/systemd/system/matlang-install.path',
    './usr/lib/matlang/stick.sh',
    './usr/lib/systemd/system-generators/matlang-camera',
    './usr/share/doc/matlang-node/img/wiring.svg',
    './usr/lib/matlang/os/system.conf',
    './usr/lib/matlang/os/bin/matlang-boot-choice',
    './usr/lib/matlang/os/bin/matlang-carry',
    './usr/lib/systemd/system.conf.d/50-matlang.conf',
    './etc/apt/apt.conf.d/60matlang',
    './usr/share/doc/matlang-node/sbom.cdx.json',
    './usr/share/doc/matlang-node/guide/den-bao.md',
  ])
    assert.ok(paths.includes(wanted), wanted);
  assert.equal(
    paths.filter((path) => /\.(pem|key|mp4|jpg)$|\.test\.|\/test\/|\/hub\//.test(path)),
    [],
  );
  assert.not(
    rows.some((row) => row !== '' && !row.includes(' root/root ')),
    "everything is root's",
  );
  assert.match(said('-f', file), /^Package: matlang-node\nVersion: 9\.8\.7\n/);
  for (const program of ['bin/matlang-recorder', 'system-generators/matlang-camera'])
    assert.match(rows.find((row) => row.includes(program)) ?? '', /^-rwxr-xr-x/);
});

packs(
  "the hub's package runs from its sources: they are there, with the packages they import, and without a node's native parts",
  async () => {
    const file = await buildDeb(quick('matlang-hub'), join(base, 'hub-one'));
    const out = join(base, 'hub-tree');
    await mkdir(out);
    assert.is(spawnSync('dpkg-deb', ['-x', file, out]).status, 0);
    assert.not.match(said('-c', file), /\.ts$/m);
    const program = join(out, 'usr/lib/matlang-hub/cli/main.js');
    const run = spawnSync(process.execPath, [program, 'hub', '--help', '--lang', 'en'], { encoding: 'utf8' });
    assert.is(run.status, 0, run.stderr);
    const made = join(base, 'hub-made');
    const init = spawnSync(process.execPath, [program, 'hub', 'init', made, '--commune', 'xa-thu'], {
      encoding: 'utf8',
    });
    assert.is(init.status, 0, init.stderr);
    assert.not(said('-c', file).includes('node_modules/epoll'));
  },
);

packs('the same sources give the same bytes', async () => {
  const again = await buildDeb(quick('matlang-node'), join(base, 'node-two'));
  assert.is(await sha256(again), await sha256(join(base, 'node-one', basename(again))));
});

test('a pre-release sorts before its release', () => {
  assert.is(debianVersion('1.0.0-rc.1'), '1.0.0~rc.1');
  assert.is(debianVersion('1.0.0'), '1.0.0');
});

async function npmPackagesIn(deb: string): Promise<number> {
  const out = await mkdtemp(join(base, 'tree-'));
  assert.is(spawnSync('dpkg-deb', ['-x', deb, out]).status, 0);
  const { components } = JSON.parse(await readFile(join(out, 'usr/share/doc/matlang-node/sbom.cdx.json'), 'utf8'));
  return components.length;
}

const long = process.env.MATLANG_LONG === '1' && has('aarch64-linux-gnu-g++') && has('dpkg-deb');
const whole = skipWhen(long ? undefined : 'packed with its runtime in the long run only (needs g++-aarch64-linux-gnu)')(
  test,
);
for (const machine of machines)
  for (const name of packageNames)
    whole(
      `${name} for ${machine.debian}: at most 45 MB, a node's of at most 90 npm packages, the same bytes twice, and lintian finds no error`,
      async () => {
        const plan = {
          name,
          machine,
          checkout,
          version: '9.8.7',
          madeS: 1_700_000_000,
          cache: stagingCache(),
          pack: 'small' as const,
        };
        const one = await buildDeb(plan, join(base, 'whole-one'));
        const two = await buildDeb({ ...plan, cache: join(base, 'cache') }, join(base, 'whole-two'));
        const bytes = (await stat(one)).size;
        console.log(`\n${basename(one)}: ${(bytes / 1e6).toFixed(1)} MB`);
        assert.ok(bytes <= 45e6, `${bytes}`);
        if (name === 'matlang-node') assert.ok((await npmPackagesIn(one)) <= 90);
        assert.is(await sha256(one), await sha256(two));
        if (has('lintian')) {
          const found = spawnSync('lintian', ['--allow-root', '--fail-on', 'error', one], { encoding: 'utf8' });
          assert.is(found.status, 0, found.stdout);
        } else console.log('SKIP: lintian not found');
      },
    );

whole('the installed recorder has analysed its first picture within three seconds of its start', async () => {
  const [out, dir] = [join(base, 'installed'), join(base, 'started')];
  await mkdir(out);
  const file = join(base, 'whole-one', `matlang-node_9.8.7_${host?.debian}.deb`);
  assert.is(spawnSync('dpkg-deb', ['-x', file, out]).status, 0);
  const { nodes } = await setDrainStage({ dir, nodes: 1, httpPort: 0, broker: undefined, linkPort: 9 });
  const program = join(out, 'usr/lib/matlang/9.8.7/bin/matlang-recorder');
  const beganMs = Date.now();
  const recorder = spawn(program, ['--config', nodes[0]?.configPath ?? ''], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(recorder, 'exit');
  const toldAt = new Map<string, number>();
  for await (const line of createInterface({ input: recorder.stderr })) {
    const { time, event } = JSON.parse(line);
    toldAt.set(event, time - beganMs);
    if (event === 'first picture') break;
  }
  recorder.kill('SIGTERM');
  await ended;
  const [camera, picture] = ['camera started', 'first picture'].map((event) => toldAt.get(event) ?? Number.NaN);
  console.log(`\ncamera's first byte after ${camera} ms, first picture analysed after ${picture} ms`);
  assert.ok((picture ?? Number.NaN) <= 3000 * crowding(), `${picture} ms`);
});

for (const { debian } of machines)
  whole(`a release for ${debian} has the runtime of its package, byte for byte`, async () => {
    const out = join(base, `release-${debian}`);
    const words = ['release', 'build', '--out', out, '--name', '9.8.8', '--arch', debian];
    const built = spawnSync(process.execPath, [join(checkout, 'cli/main.ts'), ...words], { encoding: 'utf8' });
    assert.is(built.status, 0, built.stderr);
    const file = join(base, 'whole-one', `matlang-node_9.8.7_${debian}.deb`);
    const path = './usr/lib/matlang/9.8.7/runtime/node';
    const pack = `dpkg-deb --fsys-tarfile ${file} | tar -xO ${path} | sha256sum`;
    const packed = spawnSync('sh', ['-c', pack], { encoding: 'utf8' }).stdout.slice(0, 64);
    assert.is(await sha256(join(out, 'runtime/node')), packed);
  });

test.run();
