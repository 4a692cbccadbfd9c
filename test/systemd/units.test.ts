// The unit files against the real systemd-analyze, systemd-sysusers and systemd-tmpfiles, in a root of our own.
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('systemd/units');
const ours = fileURLToPath(new URL('../../systemd/', import.meta.url));
const units = (await readdir(ours)).filter((name) => /\.(?:service|timer|path)$/.test(name)).sort();
const root = await mkdtemp(join(tmpdir(), 'matlang-units-'));
test.after(() => rm(root, { recursive: true }));

const has = (program: string) => spawnSync(program, ['--version']).status === 0;
const absent = ['systemd-analyze', 'systemd-sysusers', 'systemd-tmpfiles'].filter((program) => !has(program));
const real = absent.length === 0 ? test : test.skip;
if (absent.length > 0) console.log(`SKIP: ${absent.join(', ')} not found; install Debian's systemd`);

const programs = [
  '/opt/matlang/current/bin/matlang-recorder',
  '/opt/matlang/current/bin/matlang-uplink',
  '/opt/matlang/current/bin/matlang-pins',
  '/opt/matlang/current/bin/matlang',
  '/opt/matlang/current/bin/matlang-heal',
  '/opt/matlang/current/bin/matlang-update',
  '/opt/matlang/launcher/matlang-launcher',
  '/usr/lib/matlang-hub/bin/matlang',
  '/usr/lib/matlang/os/bin/matlang-boot-choice',
  '/usr/bin/rauc',
];

test.before(async () => {
  const folder = join(root, 'etc/systemd/system');
  await mkdir(folder, { recursive: true });
  for (const unit of units) await cp(join(ours, unit), join(folder, unit));
  // The machine's own targets and sockets, which ours are ordered after.
  if (absent.length === 0) {
    await cp('/lib/systemd/system', join(root, 'lib/systemd/system'), { recursive: true, verbatimSymlinks: true });
  }
  for (const program of [...programs, '/bin/true', '/bin/sh', '/bin/systemctl', '/bin/mv']) {
    await mkdir(join(root, dirname(program)), { recursive: true });
    await writeFile(join(root, program), '#!/bin/sh\n');
    await chmod(join(root, program), 0o755);
  }
});

const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });

test('there is a unit for enrolment, recorder, uplink, hub, pins, card, launcher, each part of an update, and a new system on trial', () => {
  assert.equal(units, [
    'matlang-card.service',
    'matlang-care.path',
    'matlang-care.service',
    'matlang-enrol.service',
    'matlang-hub.service',
    'matlang-install.path',
    'matlang-install.service',
    'matlang-launcher.service',
    'matlang-os-deadline.service',
    'matlang-os-good.service',
    'matlang-pins.service',
    'matlang-recorder.service',
    'matlang-stick@.service',
    'matlang-update.path',
    'matlang-update.service',
    'matlang-update.timer',
    'matlang-uplink.service',
  ]);
});

for (const unit of units) {
  real(`systemd-analyze verify finds nothing in ${unit}`, () => {
    const run = analyze('verify', `--root=${root}`, '--man=no', '--recursive-errors=no', unit.replace('@.', '@sda1.'));
    assert.is(run.status, 0, run.stderr);
    // systemd's own files may be of another release than its analyser; ours must be clean.
    assert.equal(
      run.stderr.split('\n').filter((line) => line.includes('matlang')),
      [],
    );
  });
}

real('the recorder with its way to a camera on the network is clean too', async () => {
  const [config, folder] = [join(root, 'rtsp.yaml'), join(root, 'etc/systemd/system')];
  await writeFile(config, 'camera:\n  driver: rtsp\n  url: rtsp://an:pw@10.0.0.9/1\n');
  const env = { ...process.env, MATLANG_CONFIG: config };
  assert.is(spawnSync('sh', [join(ours, 'camera-generator.sh'), folder], { env }).status, 0);
  const dropIn = join(folder, 'matlang-recorder.service.d');
  assert.match(await readFile(join(dropIn, '50-camera.conf'), 'utf8'), /^IPAddressAllow=10\.0\.0\.9$/m);
  const run = analyze('verify', `--root=${root}`, '--man=no', '--recursive-errors=no', 'matlang-recorder.service');
  assert.equal([run.status, run.stderr.split('\n').filter((line) => line.includes('matlang'))], [0, []]);
  await rm(dropIn, { recursive: true });
});

real('verify sees a fault when there is one', async () => {
  const text = await readFile(join(ours, 'matlang-recorder.service'), 'utf8');
  const broken = text.replace('WatchdogSec=30', 'WatchdogSec=soon').replace('UMask=0077', 'Umasks=0077');
  await writeFile(join(root, 'etc/systemd/system/matlang-broken.service'), broken);
  const run = analyze('verify', `--root=${root}`, '--man=no', '--recursive-errors=no', 'matlang-broken.service');
  assert.match(run.stderr, /matlang-broken\.service:\d+: Failed to parse sec value/);
  assert.match(run.stderr, /matlang-broken\.service:\d+:.*Umasks/);
});

real('the drop-ins are taken by the manager, the journal and time sync', async () => {
  for (const [conf, place] of [
    ['matlang-watchdog.conf', 'systemd/system.conf'],
    ['matlang-journald.conf', 'systemd/journald.conf'],
    ['matlang-timesyncd.conf', 'systemd/timesyncd.conf'],
  ] as const) {
    await mkdir(join(root, `etc/${place}.d`), { recursive: true });
    await cp(join(ours, conf), join(root, `etc/${place}.d/50-matlang.conf`));
    const run = analyze('cat-config', `--root=${root}`, place);
    assert.is(run.status, 0, run.stderr);
    assert.match(run.stdout, /50-matlang\.conf/);
  }
  const watchdog = await readFile(join(ours, 'matlang-watchdog.conf'), 'utf8');
  const seconds = Number(/^RuntimeWatchdogSec=(\d+)s$/m.exec(watchdog)?.[1]);
  assert.ok(seconds > 0 && seconds <= 15, "the Pi's watchdog takes at most 15 s");
});

const withApt = has('apt-config') ? test : test.skip;
if (!has('apt-config')) console.log('SKIP: apt-config not found');
withApt('nothing is upgraded by itself', () => {
  const run = spawnSync('apt-config', ['-c', join(ours, 'matlang-apt.conf'), 'dump', 'APT::Periodic'], {
    encoding: 'utf8',
  });
  assert.match(run.stdout, /^APT::Periodic::Enable "0";$/m);
  assert.match(run.stdout, /^APT::Periodic::Unattended-Upgrade "0";$/m);
});

for (const [unit, most] of [
  ['matlang-recorder.service', 1.5],
  ['matlang-uplink.service', 1.5],
  ['matlang-hub.service', 2],
] as const) {
  real(`${unit} is exposed at most ${most}`, () => {
    const run = analyze('security', '--offline=yes', `--root=${root}`, '--no-pager', unit);
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(run.stdout)?.[1] ?? Number.NaN);
    console.log(`\n${unit}: exposure ${exposure}`);
    assert.ok(exposure <= most, run.stdout);
  });
}

test('the recorder has no network, the uplink no devices and no signing key, nobody is root or leaves a core file', async () => {
  const [recorder, uplink, hub] = await Promise.all(
    ['recorder', 'uplink', 'hub'].map((name) => readFile(join(ours, `matlang-${name}.service`), 'utf8')),
  );
  assert.match(recorder ?? '', /^PrivateNetwork=yes$/m);
  assert.match(uplink ?? '', /^PrivateDevices=yes$/m);
  assert.match(uplink ?? '', /^InaccessiblePaths=.*signing\.pem$/m);
  for (const text of [recorder, uplink, hub]) {
    for (const must of [
      /^Type=notify$/m,
      /^WatchdogSec=\d+$/m,
      /^User=matlang/m,
      /^Restart=always$/m,
      /^MemoryMax=/m,
      // Every child is started under setpriv; without this call none is (seen in a virtual machine).
      /^SystemCallFilter=capset$/m,
      /^LimitCORE=0$/m,
    ]) {
      assert.match(text ?? '', must);
    }
  }
});

test('the rule for a stick comes after what says that it is one, and before what starts its service', async () => {
  const rules = (await readdir(ours)).filter((name) => name.endsWith('.rules'));
  for (const name of rules) {
    const text = await readFile(join(ours, name), 'utf8');
    // udev reads its files in the order of their names: by `60-matlang` the drive had no ID_FS_USAGE yet, and no stick was ever looked into.
    if (/ENV\{ID_(?:BUS|FS_USAGE)\}==/.test(text)) assert.ok(name > '60-persistent-storage.rules', name);
    if (text.includes('SYSTEMD_WANTS')) assert.ok(name < '99-systemd.rules', name);
  }
  assert.is(rules.length, 1);
});

real('users and folders are made as the units expect them', async () => {
  await mkdir(join(root, 'etc'), { recursive: true });
  const confs = ['matlang.sysusers.conf', 'matlang-hub.sysusers.conf'].map((name) => join(ours, name));
  const sysusers = spawnSync('systemd-sysusers', [`--root=${root}`, ...confs], { encoding: 'utf8' });
  assert.is(sysusers.status, 0, sysusers.stderr);
  const users = await readFile(join(root, 'etc/passwd'), 'utf8');
  assert.match(users, /^matlang:.*:\/var\/lib\/matlang:.*nologin$/m);
  assert.match(users, /^matlang-hub:/m);
  assert.match(await readFile(join(root, 'etc/group'), 'utf8'), /^video:.*matlang$/m);
  if (process.getuid?.() !== 0) return;
  const tmpfiles = spawnSync('systemd-tmpfiles', ['--create', `--root=${root}`, join(ours, 'matlang.tmpfiles.conf')], {
    encoding: 'utf8',
  });
  assert.is(tmpfiles.status, 0, tmpfiles.stderr);
  assert.is((await stat(join(root, 'run/matlang'))).mode & 0o777, 0o700);
});

test.run();
