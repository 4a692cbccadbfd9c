// `matlang doctor` as a technician runs it: on this machine, without hardware, with faults made on purpose.
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkIds } from '../../cli/commands/doctor.ts';
import { judge, readPackets } from '../../hal/camera/survey.ts';
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
      'recorder',
      'card',
      'power',
      'data',
      'clock',
      'board',
      'inventory',
      'pins',
      'sound',
      'link',
      'identity',
      'spool',
    ],
  );
  for (const { id, status: state, measured, next } of told.checks) {
    assert.ok(measured.length > 1, id);
    assert.is(next === '', state === 'ok', `${id}: a next step exactly where something is not well`);
  }
  assert.match(check('runtime').measured, process.version);
  assert.match(check('clock').measured, 'ntp');
});

test('every check has its paragraph in the guide', async () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/kiem-tra.md'), 'utf8');
  for (const id of checkIds) assert.match(guide, new RegExp(`^## ${id}$`, 'm'), id);
});

test('the link tells its round trip, keys that others can read fail, and what waits is counted', async () => {
  const hub = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(hub, 'listening');
  const { port } = hub.address() as AddressInfo;
  const home = join(base, 'joined');
  mkdirSync(join(home, 'identity'), { recursive: true });
  mkdirSync(join(home, 'data/spool/1'), { recursive: true });
  writeFileSync(join(home, 'data/spool/1/waiting'), 'x'.repeat(1000));
  for (const name of ['signing.pem', 'hub.pub', 'recipients.txt']) writeFileSync(join(home, 'identity', name), '');
  chmodSync(join(home, 'identity/signing.pem'), 0o644);
  const path = join(home, 'node.yaml');
  writeFileSync(path, `${sound}uplink: { broker: 'mqtt://127.0.0.1:${port}' }\n`);
  // Asynchronously: the server above lives in this process.
  const child = spawn(process.execPath, [main, 'doctor', '--json', '--lang', 'en', '--root', root, '--config', path]);
  const [out] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  hub.close();
  const found = (id: string) => (JSON.parse(out) as Told).checks.find((one) => one.id === id);
  assert.match(found('link')?.measured ?? '', /^127\.0\.0\.1: \d+ ms/);
  assert.equal([found('identity')?.status, found('identity')?.measured], ['fail', 'signing.pem 644']);
  assert.match(found('spool')?.measured ?? '', /^1 files, 0 MiB/);
});

test('what the recorder last said is shown: recipe, cause of its start, faults; silence is a failure', () => {
  const path = config('now.yaml', sound);
  const runDir = join(base, 'run');
  mkdirSync(runDir, { recursive: true });
  const now = (ageS: number, faults: object[]) =>
    writeFileSync(
      join(runDir, 'now.json'),
      JSON.stringify({
        writtenMs: Date.now() - ageS * 1000,
        camera: {
          driver: 'pi',
          recipe: 'rpicam-vid → libx264',
          restarts: 2,
          left: [{ recipe: 'other', why: 'no frames' }],
        },
        began: { cause: 'watchdog', text: 'ended by the watchdog' },
        faults,
      }),
    );
  const look = () => doctor(['--config', path, '--only', 'recorder'], { MATLANG_RUN_DIR: runDir }).check('recorder');
  now(10, []);
  const well = look();
  assert.is(well.status, 'ok');
  assert.match(
    well.measured,
    /rpicam-vid → libx264\n2 restarts\ntried before: other: no frames\nended by the watchdog/,
  );
  now(10, [{ code: 'board-hot', text: '81 °C' }]);
  assert.match(look().next, 'board-hot');
  now(1000, []);
  assert.is(look().status, 'fail');
});

test('a bundle for support holds the report and the configuration, and neither password nor key', () => {
  const secret = 'b1-mat-khau';
  const path = config(
    'bundle.yaml',
    `${sound.replace('driver: scene', `driver: rtsp\n  url: rtsp://admin:${secret}@127.0.0.1:9/1`)}voice: { accessKeyFile: key.txt }\n`,
  );
  const runDir = join(base, 'run-bundle');
  mkdirSync(runDir, { recursive: true });
  const pem = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIB\n-----END PRIVATE KEY-----';
  writeFileSync(join(runDir, 'now.json'), JSON.stringify({ text: `token=abc123def ${secret}`, pem }));
  const file = join(base, 'bundle.tar.gz');
  const { stdout } = run(['--config', path, '--bundle', file, '--lang', 'en'], { MATLANG_RUN_DIR: runDir });
  assert.match(stdout, file);
  const listed = spawnSync('tar', ['-xzOf', file], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout;
  assert.match(listed, 'driver: rtsp');
  assert.match(listed, '"checks"');
  for (const hidden of [secret, 'abc123def', 'MC4CAQAwBQYDK2VwBCIEIB']) assert.not.match(listed, hidden);
});

test('packets tell the rate and the longest way between key frames', () => {
  const rows = ['0.0,1000,K__', '0.5,250,___', '1.0,1000,K__', '2.5,250,___', '3.5,1000,K__', 'rubbish', ''].join('\n');
  assert.equal(readPackets(rows), { kbps: 8, gopMs: 2500 });
  assert.equal(readPackets(''), { kbps: undefined, gopMs: undefined });
});

test('a camera is judged by codec, key frames, size, rate and clock, with every reason', () => {
  const picture = { codec: 'h264', width: 1280, height: 720, fps: 15, durationMs: undefined };
  const seen = { host: 'a', picture, why: undefined, kbps: 900, gopMs: 2000, clockErrorS: 5 };
  assert.equal(judge(seen), { verdict: 'copy', whys: [] });
  assert.equal(judge({ ...seen, gopMs: 2001, clockErrorS: -6 }), { verdict: 'encode', whys: ['gop', 'clock'] });
  assert.equal(judge({ ...seen, picture: { ...picture, codec: 'hevc', width: 3840, height: 2160, fps: 2 } }), {
    verdict: 'encode',
    whys: ['codec', 'size', 'rate'],
  });
  assert.equal(judge({ ...seen, picture: undefined }), { verdict: 'unusable', whys: ['no-picture'] });
});

test('a camera that does not answer is not usable, and has its row in the table', () => {
  const table = join(base, 'survey.csv');
  const { status, stdout } = run(['--camera', 'rtsp://u:geheim@127.0.0.1:9/x', '--csv', table, '--lang', 'en']);
  assert.is(status, 1);
  assert.match(stdout, /127\.0\.0\.1:9: NOT USABLE/);
  const rows = readFileSync(table, 'utf8').split('\n');
  assert.match(rows[0] ?? '', /^host,verdict,codec/);
  assert.match(rows[1] ?? '', /^127\.0\.0\.1:9,unusable,/);
  assert.not.match(stdout + rows.join(''), 'geheim');
});

test('words come in Vietnamese by default and in English when asked', () => {
  const vi = run(['--only', 'config,data']).stdout;
  assert.match(vi, 'Thư mục dữ liệu');
  assert.match(vi, 'chưa có cấu hình');
  assert.match(run(['--lang', 'en', '--only', 'data']).stdout, 'Data folder');
});

test('checks are chosen by their names; one that there is not is named', () => {
  const { told, status } = doctor(['--only', 'setpriv,runtime']);
  assert.equal([told.checks.map(({ id }) => id), status], [['runtime', 'setpriv'], 0]);
  const wrong = run(['--only', 'camera,ribon', '--lang', 'en']);
  assert.is(wrong.status, 2);
  assert.match(wrong.stderr, /--only.*must be some of runtime, .*, not "ribon"/);
});

test('every fault of the configuration is shown, and doctor fails', () => {
  const path = config('bad.yaml', `${sound}vitalsEveryS: 1\nfsp: 3\n`);
  const { status, check } = doctor(['--config', path, '--only', 'config']);
  assert.is(status, 1);
  assert.is(check('config').status, 'fail');
  assert.match(check('config').measured, 'vitalsEveryS');
  assert.match(check('config').measured, 'fsp');
  assert.match(check('config').next, path);
});

test('a configuration that is not there is a failure, not a crash', () => {
  const { status, check } = doctor(['--config', join(base, 'absent.yaml'), '--only', 'config']);
  assert.equal([status, check('config').status], [1, 'fail']);
});

test('without ffmpeg and setpriv each is named with the line to type', () => {
  const bin = join(base, 'bin');
  mkdirSync(bin, { recursive: true });
  const { status, check } = doctor(['--only', 'ffmpeg,setpriv'], { PATH: bin });
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
    const { check } = doctor([
      '--config',
      config('camera.yaml', sound.replace('driver: scene', camera)),
      '--only',
      'camera',
    ]);
    assert.is(check('camera').status, 'fail', camera);
    assert.match(check('camera').measured, measured);
  }
});

test('a Pi camera whose program answers is well', () => {
  const bin = join(base, 'rpicam');
  mkdirSync(bin, { recursive: true });
  const says = (text: string) => writeFileSync(join(bin, 'rpicam-vid'), `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`);
  says('Available cameras\n-----------------\n0 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx219@10)');
  chmodSync(join(bin, 'rpicam-vid'), 0o755);
  const path = config('pi.yaml', sound.replace('driver: scene', 'driver: pi'));
  const { check } = doctor(['--config', path, '--only', 'camera'], { PATH: `${bin}:${process.env.PATH}` });
  assert.equal([check('camera').status, check('camera').measured], ['ok', 'rpicam-vid: imx219']);
  says('No cameras available!');
  const loose = doctor(['--config', path, '--only', 'camera'], { PATH: `${bin}:${process.env.PATH}` }).check('camera');
  assert.is(loose.status, 'fail');
  assert.match(loose.next, 'ribbon');
});

test('the password of an RTSP camera is not shown', () => {
  const path = config(
    'rtsp.yaml',
    sound.replace('driver: scene', 'driver: rtsp\n  url: rtsp://admin:b1mat@127.0.0.1:9/1'),
  );
  const { check, told } = doctor(['--config', path]);
  assert.match(check('camera').measured, /^rtsp: 127\.0\.0\.1: .*ECONNREFUSED/);
  assert.not.match(JSON.stringify(told), 'b1mat');
});

test('a data folder that is a file fails; one with too little room says how much is needed', () => {
  const file = doctor(['--config', config('file.yaml', `${sound}dataDir: file.yaml\n`), '--only', 'data']).check(
    'data',
  );
  assert.is(file.status, 'fail');
  const full = `${sound}storage:\n  keepFreeMiB: 100000\n`;
  const room = doctor(['--config', config('full.yaml', full), '--only', 'data']).check('data');
  // A machine with 100 GB free is well even so.
  if (room.status === 'fail') assert.match(room.next, '100000 MiB');
});

test('pins that are wanted and not there fail; voice that is wanted and not there only warns', () => {
  const path = config('pins.yaml', `${sound}pins:\n  inputs:\n    - pin: 17\nvoice:\n  enabled: true\n`);
  const { check } = doctor(['--config', path, '--only', 'pins,sound']);
  if (check('pins').status !== 'ok') assert.match(check('pins').measured, /^no-sysfs|^no-chip|^no-module|^denied/);
  assert.is(check('sound').status, 'warn');
  assert.match(check('sound').measured, /^keyword no-key/);
  const withSim = `${sound}pins:\n  simDir: pins\n  inputs:\n    - pin: 17\n`;
  const sim = doctor(['--config', config('sim.yaml', withSim), '--only', 'pins']);
  assert.is(sim.check('pins').status, 'ok');
});

test('a clock nobody vouches for is a warning with a next step', () => {
  const { check } = doctor(['--only', 'clock']);
  // A machine with NTP is well.
  if (check('clock').status !== 'ok') assert.match(check('clock').next, 'timedatectl');
});

test('the release that runs is checked file by file, and a roll-back is told with its reason', async () => {
  const at = join(base, 'opt');
  const rules = { root: at, selfTestArgs: [], selfTestMsMax: 5000 };
  await smallRelease(join(base, 's1'), '1.0.0');
  await smallRelease(join(base, 's2'), '2.0.0', 'echo "no frame" >&2; exit 1');
  await apply(shelf, rules, join(base, 's1'));
  assert.equal(doctor(['--root', at, '--only', 'release']).check('release').measured, '1.0.0');
  await apply(shelf, rules, join(base, 's2'));
  const back = doctor(['--root', at, '--only', 'release']).check('release');
  assert.is(back.status, 'warn');
  assert.match(back.measured, /2\.0\.0.*no frame/);
  writeFileSync(join(at, 'releases/1.0.0/app/recorder.js'), 'flipped');
  assert.is(doctor(['--root', at, '--only', 'release']).check('release').status, 'fail');
});

test.run();
