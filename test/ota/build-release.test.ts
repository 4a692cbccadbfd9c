import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../ota/apply.ts';
import { buildRelease, type ReleasePlan } from '../../ota/build-release.ts';
import { nodeRelease } from '../../ota/node-release.ts';
import { packageOf, writeSbom } from '../../ota/sbom.ts';
import { shelf } from '../../ota/shelf.ts';

const test = suite('ota/build-release');
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const base = await mkdtemp(join(tmpdir(), 'matlang-build-'));
test.after(() => rm(base, { recursive: true }));

const sound = 'commune: xa-binh-an\nnode: mat-01\ntitle: Cổng làng\ncamera:\n  driver: scene\n';

const main = join(base, 'main.ts');
await writeFile(
  main,
  `import { besideMe } from '${checkout}hal/short-child.ts';
import { parse } from '${checkout}node_modules/yaml/dist/index.js';
const told: string = parse('word: xin chào').word;
console.log(JSON.stringify({ told, args: process.argv.slice(2), child: besideMe('child', import.meta.url), node: process.execPath }));
`,
);
await writeFile(join(base, 'child.ts'), 'export const nothing: undefined = undefined;\n');
const tiny: ReleasePlan = {
  ...nodeRelease(checkout, '1.0.0', undefined),
  entries: [
    { name: 'recorder', main, program: 'matlang-recorder' },
    { name: 'child', main: join(base, 'child.ts') },
  ],
  selfTest: ['bin/matlang-recorder'],
  packages: [],
};

test('a release of one small program runs from its folder, with its library inside and its child beside it', async () => {
  const out = join(base, 'tiny');
  const built = await buildRelease(tiny, out);
  assert.ok(built.ok, built.ok ? '' : built.text);
  const run = spawnSync(join(out, 'bin/matlang-recorder'), ['a b', '--c'], { encoding: 'utf8' });
  const said = JSON.parse(run.stdout);
  assert.equal([said.told, said.args], ['xin chào', ['a b', '--c']]);
  assert.ok(existsSync(said.child) && said.child.endsWith('app/child.js'), said.child);
});

test('a release names what is in it: the bundled library with its version, the runtime, and nothing that is only installed', async () => {
  const out = join(base, 'named');
  const built = await buildRelease({ ...tiny, runtime: process.execPath }, out);
  assert.ok(built.ok && built.list.files.some(({ path }) => path === 'sbom.json'));
  const { bomFormat, specVersion, metadata, components } = JSON.parse(await readFile(join(out, 'sbom.json'), 'utf8'));
  assert.equal([bomFormat, specVersion, metadata.component.version], ['CycloneDX', '1.6', '1.0.0']);
  const { version } = JSON.parse(await readFile(join(checkout, 'node_modules/yaml/package.json'), 'utf8'));
  assert.equal(
    components.map(({ purl }: { purl: string }) => purl),
    [`pkg:generic/node@${process.versions.node}`, `pkg:npm/yaml@${version}`],
  );
  assert.equal(components[1].licenses, [{ expression: 'ISC' }]);
});

test('a package is found by the innermost node_modules of a path', () => {
  assert.is(packageOf('node_modules/yaml/dist/index.js'), 'node_modules/yaml');
  assert.is(packageOf('../x/node_modules/@peculiar/x509/build/a.js'), '../x/node_modules/@peculiar/x509');
  assert.is(packageOf('node_modules/mqtt/node_modules/ws/index.js'), 'node_modules/mqtt/node_modules/ws');
  assert.is(packageOf('ota/sbom.ts'), undefined);
});

test('the same package bundled and copied is named once, a scope is written as the purl rules ask', () => {
  const sharp = { name: '@img/colour', version: '1.0.0', licence: undefined };
  const { components } = JSON.parse(writeSbom('1.0.0', [sharp, sharp], undefined));
  assert.equal(components, [
    {
      type: 'library',
      'bom-ref': 'pkg:npm/%40img/colour@1.0.0',
      name: '@img/colour',
      version: '1.0.0',
      purl: 'pkg:npm/%40img/colour@1.0.0',
    },
  ]);
});

test('the same sources give the same bytes twice', async () => {
  const [one, two] = [join(base, 'one'), join(base, 'two')];
  await buildRelease(tiny, one);
  await buildRelease(tiny, two);
  assert.is(await readFile(join(one, 'release.json'), 'utf8'), await readFile(join(two, 'release.json'), 'utf8'));
});

test('a release with its runtime is applied, brings the launcher, and the launcher runs on that runtime', async () => {
  const out = join(base, 'with-runtime');
  const built = await buildRelease({ ...tiny, runtime: process.execPath }, out);
  assert.ok(built.ok, built.ok ? '' : built.text);
  const root = join(base, 'root');
  const applied = await apply(shelf, { root, selfTestArgs: [], selfTestMsMax: 30_000 }, out);
  assert.ok(applied.ok, applied.ok ? '' : applied.text);
  const env = { PATH: '/usr/bin:/bin' };
  const recorder = spawnSync(join(root, 'current/bin/matlang-recorder'), [], { encoding: 'utf8', env });
  assert.is(JSON.parse(recorder.stdout).node, join(root, 'releases/1.0.0/runtime/node'));
  const booted = spawnSync(join(root, 'launcher/matlang-launcher'), ['boot', '--root', root], {
    encoding: 'utf8',
    env,
  });
  assert.is(booted.status, 0, booted.stderr);
  assert.is(JSON.parse(booted.stdout).state.release, '1.0.0');
});

test('packages that cannot be bundled come with what they need, and work there', async () => {
  const decode = join(base, 'decode.ts');
  await writeFile(decode, "import sharp from 'sharp';\nconsole.log(sharp.versions.vips);\n");
  const out = join(base, 'native');
  const built = await buildRelease(
    {
      ...tiny,
      entries: [{ name: 'decode', main: decode, program: 'decode' }],
      selfTest: ['bin/decode'],
      packages: [
        { name: 'sharp', optional: false },
        { name: 'not-installed', optional: true },
      ],
    },
    out,
  );
  assert.ok(built.ok, built.ok ? '' : built.text);
  const run = spawnSync(join(out, 'bin/decode'), [], { encoding: 'utf8', cwd: '/' });
  assert.match(run.stdout, /^\d+\.\d+/, run.stderr);
  assert.ok(!(await readdir(join(out, 'app/node_modules'))).includes('not-installed'));
});

test("a node's whole release is built, applied and proven by its own self-test, and its programs start", async () => {
  const out = join(base, 'node');
  const built = await buildRelease(nodeRelease(checkout, '2.0.0', process.execPath), out);
  assert.ok(built.ok, built.ok ? '' : built.text);
  if (!built.ok) return;
  console.log(`\nnode release: ${built.list.files.length} files, ${(built.bytes / 1e6).toFixed(1)} MB`);
  const config = join(base, 'sound.yaml');
  await writeFile(config, sound);
  const root = join(base, 'node-root');
  const applied = await apply(shelf, { root, selfTestArgs: ['--config', config], selfTestMsMax: 30_000 }, out);
  assert.ok(applied.ok, applied.ok ? '' : applied.text);
  for (const program of ['matlang-recorder', 'matlang-uplink']) {
    const run = spawnSync(join(root, 'current/bin', program), [], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
    assert.match(run.stderr, '--config FILE is required');
  }
  const child = spawnSync(join(root, 'current/runtime/node'), [join(root, 'current/app/inventory-child.js')], {
    encoding: 'utf8',
  });
  assert.is(JSON.parse(child.stdout).arch, process.arch);
});

test('a folder in use, a missing main, a syntax error, and a name that is a path are refused with words', async () => {
  const used = join(base, 'used');
  await mkdir(used);
  await writeFile(join(used, 'x'), '');
  const broken = join(base, 'broken.ts');
  await writeFile(broken, 'const = 1;');
  const why = async (plan: ReleasePlan, out: string) => {
    const built = await buildRelease(plan, join(base, out));
    return built.ok ? 'built' : built.why;
  };
  assert.is(await why(tiny, 'used'), 'out-in-use');
  assert.is(await why({ ...tiny, entries: [{ name: 'x', main: join(base, 'absent.ts') }] }, 'n1'), 'entry-absent');
  assert.is(await why({ ...tiny, entries: [{ name: 'x', main: broken }] }, 'n2'), 'bundle');
  assert.is(await why({ ...tiny, release: '../1' }, 'n3'), 'bad-name');
  assert.is(await why({ ...tiny, selfTest: ['bin/absent'] }, 'n4'), 'bad-list');
});

test('the self-test passes on a sound node, and names what is wrong on others', async () => {
  const program = join(checkout, 'ota/self-test-main.ts');
  const config = join(base, 'node.yaml');
  const selfTest = () => spawnSync(process.execPath, [program, '--config', config], { encoding: 'utf8' });
  await writeFile(config, sound);
  const passed = selfTest();
  assert.is(passed.status, 0, passed.stderr);
  assert.equal(await readdir(join(base, 'data/tmp')), []);
  await writeFile(config, sound.replace('scene', 'scenery'));
  assert.match(selfTest().stderr, 'camera.driver');
  await writeFile(config, `${sound}dataDir: node.yaml\n`);
  assert.is(selfTest().status === 0, false);
});

test.run();
