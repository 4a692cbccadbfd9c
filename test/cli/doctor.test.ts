// `matlang doctor` as a technician runs it: on this machine, without hardware, with faults made on purpose.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../ota/apply.ts';
import { shelf } from '../../ota/shelf.ts';
import { smallRelease } from '../ota/small-release.ts';

const test = suite('cli/doctor');
const base = mkdtempSync(join(tmpdir(), 'matlang-doctor-'));
test.after(() => rmSync(base, { recursive: true }));
const main = join(import.meta.dirname, '../../cli/main.ts');
const root = join(base, 'no-root');

interface Told {
  readonly ok: boolean;
  readonly checks: readonly { id: string; status: string; measured: string; next: string }[];
}
const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [main, 'doctor', '--root', root, ...args], {
    encoding: 'utf8',
    cwd: base,
    env: { ...process.env, LANG: 'C', ...env },
  });
function doctor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { stdout, stderr, status } = run(['--json', '--lang', 'en', ...args], env);
  const told = JSON.parse(stdout || `{"error":${JSON.stringify(stderr)}}`) as Told;
  const check = (id: string) => {
    const found = told.checks.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no check ${id}: ${stdout}${stderr}`);
    return found;
  };
  return { told, status, check };
}

const sound = 'commune: xa-binh-an\nnode: mat-01\ntitle: Cổng làng\ncamera:\n  driver: scene\n';
function config(name: string, text: string): string {
  const path = join(base, name);
  writeFileSync(path, text);
  return path;
}

test('on this machine with a scene camera nothing fails, and each check tells what it measured', () => {
  const { told, status, check } = doctor(['--config', config('scene.yaml', `${sound}clock: system\n`)]);
  assert.equal(
    told.checks.filter((one) => one.status === 'fail'),
    [],
  );
  assert.equal([told.ok, status], [true, 0]);
  assert.equal(
    told.checks.map(({ id }) => id),
    [
      'runtime',
      'ffmpeg',
      'setpriv',
      'config',
      'release',
      'camera',
      'data',
      'clock',
      'board',
      'inventory',
      'pins',
      'sound',
    ],
  );
  for (const { id, status: state, measured, next } of told.checks) {
    assert.ok(measured.length > 1, id);
    assert.is(next === '', state === 'ok', `${id}: a next step exactly where something is not well`);
  }
  assert.match(check('runtime').measured, process.version);
  assert.match(check('clock').measured, 'ntp');
});

test('words come in Vietnamese by default and in English when asked', () => {
  const vi = run([]).stdout;
  assert.match(vi, 'Thư mục dữ liệu');
  assert.match(vi, 'chưa có cấu hình');
  assert.match(run(['--lang', 'en']).stdout, 'Data folder');
});

test('every fault of the configuration is shown, and doctor fails', () => {
  const path = config('bad.yaml', `${sound}vitalsEveryS: 1\nfsp: 3\n`);
  const { status, check } = doctor(['--config', path]);
  assert.is(status, 1);
  assert.is(check('config').status, 'fail');
  assert.match(check('config').measured, 'vitalsEveryS');
  assert.match(check('config').measured, 'fsp');
  assert.match(check('config').next, path);
});

test('a configuration that is not there is a failure, not a crash', () => {
  const { status, check } = doctor(['--config', join(base, 'absent.yaml')]);
  assert.equal([status, check('config').status], [1, 'fail']);
});

test('without ffmpeg and setpriv each is named with the line to type', () => {
  const bin = join(base, 'bin');
  mkdirSync(bin, { recursive: true });
  const { status, check } = doctor([], { PATH: bin });
  assert.is(status, 1);
  assert.match(check('ffmpeg').next, 'apt install ffmpeg');
  assert.match(check('setpriv').next, 'apt install util-linux');
});

test('a Pi camera without its programs, a missing USB camera and a missing film fail', () => {
  for (const [camera, measured] of [
    ['driver: pi', 'rpicam-vid'],
    ['driver: v4l2\n  device: /dev/video99', '/dev/video99'],
    ['driver: film\n  path: absent.mp4', 'absent.mp4'],
  ] as const) {
    const { check } = doctor(['--config', config('camera.yaml', sound.replace('driver: scene', camera))]);
    assert.is(check('camera').status, 'fail', camera);
    assert.match(check('camera').measured, measured);
  }
});

test('a Pi camera whose program answers is well', () => {
  const bin = join(base, 'rpicam');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'rpicam-vid'), '#!/bin/sh\necho "rpicam-apps build: v1.5.0"\n');
  chmodSync(join(bin, 'rpicam-vid'), 0o755);
  const path = config('pi.yaml', sound.replace('driver: scene', 'driver: pi'));
  const { check } = doctor(['--config', path], { PATH: `${bin}:${process.env.PATH}` });
  assert.equal(check('camera').status, 'ok', check('camera').measured);
});

test('the password of an RTSP camera is not shown', () => {
  const path = config(
    'rtsp.yaml',
    sound.replace('driver: scene', 'driver: rtsp\n  url: rtsp://admin:b1mat@10.0.0.9/1'),
  );
  const { check, told } = doctor(['--config', path]);
  assert.match(check('camera').measured, '10.0.0.9');
  assert.not.match(JSON.stringify(told), 'b1mat');
});

test('a data folder that is a file fails; one with too little room says how much is needed', () => {
  const file = doctor(['--config', config('file.yaml', `${sound}dataDir: file.yaml\n`)]).check('data');
  assert.is(file.status, 'fail');
  const full = `${sound}storage:\n  keepFreeMiB: 100000\n`;
  const room = doctor(['--config', config('full.yaml', full)]).check('data');
  // A machine with 100 GB free is well even so.
  if (room.status === 'fail') assert.match(room.next, '100000 MiB');
});

test('pins that are wanted and not there fail; voice that is wanted and not there only warns', () => {
  const path = config('pins.yaml', `${sound}pins:\n  inputs:\n    - pin: 17\nvoice:\n  enabled: true\n`);
  const { check } = doctor(['--config', path]);
  if (check('pins').status !== 'ok') assert.match(check('pins').measured, /^no-sysfs|^no-chip|^no-module|^denied/);
  assert.is(check('sound').status, 'warn');
  assert.match(check('sound').measured, /^keyword no-key/);
  const sim = doctor(['--config', config('sim.yaml', `${sound}pins:\n  simDir: pins\n  inputs:\n    - pin: 17\n`)]);
  assert.is(sim.check('pins').status, 'ok');
});

test('a clock nobody vouches for is a warning with a next step', () => {
  const { check } = doctor([]);
  // A machine with NTP is well.
  if (check('clock').status !== 'ok') assert.match(check('clock').next, 'timedatectl');
});

test('the release that runs is checked file by file, and a roll-back is told with its reason', async () => {
  const at = join(base, 'opt');
  const rules = { root: at, selfTestArgs: [], selfTestMsMax: 5000 };
  await smallRelease(join(base, 's1'), '1.0.0');
  await smallRelease(join(base, 's2'), '2.0.0', 'echo "no frame" >&2; exit 1');
  await apply(shelf, rules, join(base, 's1'));
  assert.equal(doctor(['--root', at]).check('release').measured, '1.0.0');
  await apply(shelf, rules, join(base, 's2'));
  const back = doctor(['--root', at]).check('release');
  assert.is(back.status, 'warn');
  assert.match(back.measured, /2\.0\.0.*no frame/);
  writeFileSync(join(at, 'releases/1.0.0/app/recorder.js'), 'flipped');
  assert.is(doctor(['--root', at]).check('release').status, 'fail');
});

test.run();
