import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../ota/apply.ts';
import { boot } from '../../ota/launcher.ts';
import { readState } from '../../ota/root.ts';
import { shelf } from '../../ota/shelf.ts';
import { until } from '../support/until.ts';
import { receipted, smallRelease } from './small-release.ts';

const test = suite('ota/apply');
const base = await mkdtemp(join(tmpdir(), 'matlang-apply-'));
test.after(() => rm(base, { recursive: true }));

async function node(name: string) {
  const root = join(base, name);
  const rules = { root, selfTestArgs: [] as string[], selfTestMsMax: 5000 };
  const update = async (release: string, selfTest?: string, more?: Partial<typeof rules>) => {
    const folder = join(base, 'sticks', `${name}-${release}`);
    await smallRelease(folder, release, selfTest);
    return await apply(shelf, { ...rules, ...more }, folder);
  };
  const current = async () => basename(await readlink(join(root, 'current')));
  assert.ok((await update('1.0.0')).ok);
  await receipted(rules);
  return { root, rules, update, current };
}

test('a good release runs, with the one before at hand', async () => {
  const { root, rules, update, current } = await node('good');
  assert.equal(await update('2.0.0'), { ok: true, release: '2.0.0', before: '1.0.0', onTrial: true });
  await receipted(rules);
  assert.equal(readState(root), { name: 'steady', release: '2.0.0', previous: '1.0.0' });
  assert.is(await current(), '2.0.0');
  assert.is(await readlink(join(root, 'previous')), 'releases/1.0.0');
});

test('a release that fails its self-test three times goes, and state.json says why', async () => {
  const { root, update, current } = await node('bad');
  const starts = join(base, 'starts');
  const applied = await update('2.0.0', `echo x >> ${starts}; echo "camera: no frame" >&2; exit 7`);
  assert.is(applied.ok ? '' : applied.why, 'rolled-back');
  assert.is(await current(), '1.0.0');
  assert.is((await readFile(starts, 'utf8')).trim().split('\n').length, 3);
  const state = JSON.parse(await readFile(join(root, 'state.json'), 'utf8'));
  assert.is(state.back.release, '2.0.0');
  assert.match(state.back.whys[2], 'self-test ended with 7: camera: no frame');
});

test('a release that passes at its second start stays', async () => {
  const { update, current } = await node('second');
  const mark = join(base, 'mark');
  assert.ok((await update('2.0.0', `[ -e ${mark} ] || { touch ${mark}; exit 1; }`)).ok);
  assert.is(await current(), '2.0.0');
});

test('a self-test that hangs is ended in time, and so is what it started', async () => {
  const { update, current } = await node('hang');
  const applied = await update('2.0.0', `sleep 1000 & echo $! > ${base}/orphan; sleep 1000`, { selfTestMsMax: 200 });
  assert.match(applied.ok ? '' : applied.text, 'no answer in 200 ms');
  assert.is(await current(), '1.0.0');
  const orphan = (await readFile(join(base, 'orphan'), 'utf8')).trim();
  await until('the orphan to end', () => !readdirSync('/proc').includes(orphan));
});

test('a self-test that cannot be started, and one killed by a signal, are failures with words', async () => {
  const { update } = await node('signal');
  const killed = await update('2.0.0', 'kill -SEGV $$');
  assert.match(killed.ok ? '' : killed.text, 'SIGSEGV');
});

test("the self-test gets the node's arguments", async () => {
  const { update } = await node('args');
  const check = '[ "$*" = "--config /etc/matlang/node.yaml" ] || exit 1';
  assert.ok((await update('2.0.0', check, { selfTestArgs: ['--config', '/etc/matlang/node.yaml'] })).ok);
});

test('the running release applied again is refused, and there is no way to force it', async () => {
  const { update } = await node('again');
  const applied = await update('1.0.0');
  assert.is(applied.ok ? '' : applied.why, 'already-running');
});

test('back to the release before is an update like any other', async () => {
  const { update, current, root, rules } = await node('down');
  await update('2.0.0');
  await receipted(rules);
  assert.ok((await update('1.0.0')).ok);
  assert.is(await current(), '1.0.0');
  assert.is(await readlink(join(root, 'previous')), 'releases/2.0.0');
});

test('a damaged or lost state.json is read off the links', async () => {
  const { root, rules, update, current } = await node('damaged');
  await update('2.0.0');
  await receipted(rules);
  for (const text of [
    '',
    '{"v":1,"name":"trial"}',
    '{"v":1,"name":"trial","release":"2.0.0","before":"1.0.0","older":null,"starts":4,"whys":[],"heardMs":0}',
    '{"v":1,"name":"proving","release":"2.0.0","before":"1.0.0","older":null,"whys":[],"heardMs":-1}',
    '{"v":1,"name":"steady","release":"../x","previous":null}',
    'null',
  ]) {
    await writeFile(join(root, 'state.json'), text);
    assert.equal(readState(root), { name: 'steady', release: '2.0.0', previous: '1.0.0' });
  }
  await rm(join(root, 'state.json'));
  assert.ok((await boot(shelf, rules)).ok);
  assert.is(await current(), '2.0.0');
});

test('two updates at once: the second is told that one is at work; a killed one leaves no lock', async () => {
  const { root, rules, update } = await node('busy');
  const folder = join(base, 'sticks/slow');
  await smallRelease(folder, '2.0.0', `touch ${base}/trying; exec sleep 1000`);
  const program = fileURLToPath(new URL('./cut-child.ts', import.meta.url));
  const child = spawn(process.execPath, [program, '0', root, folder], { stdio: 'ignore' });
  await until('the trial to begin', () => readdirSync(base).includes('trying'));
  const second = await update('3.0.0');
  assert.is(second.ok ? '' : second.why, 'busy');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  const booted = await boot(shelf, { ...rules, selfTestMsMax: 200 });
  assert.ok(booted.ok && booted.state.name === 'steady' && booted.state.release === '1.0.0');
});

test("the launcher's program brings a root to rest at a start of the machine", async () => {
  const { root } = await node('program');
  const program = fileURLToPath(new URL('../../ota/launcher-main.ts', import.meta.url));
  const run = spawnSync(process.execPath, [program, 'boot', '--root', root, '--', '--config', 'x'], {
    encoding: 'utf8',
  });
  assert.is(run.status, 0, run.stderr);
  assert.equal(JSON.parse(run.stdout), { ok: true, state: { name: 'steady', release: '1.0.0', previous: null } });
});

test.run();
