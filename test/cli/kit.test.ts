// The card kit: what lies on the boot partition, for both systems, and that it does not do a thing twice.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { makeKit, newestRoot } from '../../cli/hub/kit.ts';
import { withFirstRun, withPullUps } from '../../cli/hub/kit-files.ts';
import { parts, pinsOf } from '../../cli/hub/wiring.ts';

const test = suite('cli/kit');
const base = await mkdtemp(join(tmpdir(), 'matlang-kit-'));
test.after(() => rm(base, { recursive: true }));
const debs = [join(base, 'matlang-node_1.0.0_arm64.deb'), join(base, 'ffmpeg_7_arm64.deb')];
for (const deb of debs) await writeFile(deb, 'deb');
const config =
  'commune: xa\nnode: mat-07\ntitle: Cổng\ncamera: {driver: pi}\npins: {inputs: [{pin: 17}, {pin: 23, trigger: pir, activeLow: false}]}\n';
const rules = {
  node: 'mat-07',
  machine: 'arm64' as const,
  sshKey: undefined,
  ticket: 'MATLANG1:abc',
  trust: undefined,
  config,
  debs,
  os: undefined,
  stamp: 'x1',
};
const at = async (name: string, files: Readonly<Record<string, string>> = {}) => {
  const out = join(base, name);
  await mkdir(out);
  for (const [file, text] of Object.entries(files)) await writeFile(join(out, file), text);
  return { out, read: (file: string) => readFile(join(out, file), 'utf8') };
};

test('for trixie it is cloud-init: host name, no passwords, and the installer', async () => {
  const { out, read } = await at('trixie', { 'user-data': '#cloud-config\n', 'cmdline.txt': 'root=x\n' });
  assert.ok((await makeKit({ ...rules, out })).ok);
  const user = parse(await read('user-data'));
  assert.equal(
    [user.hostname, user.ssh_pwauth, user.runcmd],
    ['mat-07', false, [['sh', '/boot/firmware/matlang/install.sh']]],
  );
  const { dsmode, 'instance-id': instance } = parse(await read('meta-data'));
  assert.equal([dsmode, instance], ['local', 'matlang-mat-07-x1'], 'without a network, too');
  assert.is(await read('cmdline.txt'), 'root=x\n', 'left alone');
  assert.is(await read('matlang/ticket'), 'MATLANG1:abc\n');
  assert.is(await read('matlang/debs/ffmpeg_7_arm64.deb'), 'deb');
});

test('for bookworm it is a first run, named on the command line once', async () => {
  const { out, read } = await at('bookworm', {
    'cmdline.txt': 'console=serial0 root=PARTUUID=1 rootwait\n',
    'config.txt': 'arm_64bit=1\n',
  });
  for (let again = 0; again < 2; again++) assert.ok((await makeKit({ ...rules, out })).ok);
  const line = await read('cmdline.txt');
  assert.match(line, /^console=serial0 root=PARTUUID=1 rootwait systemd\.run=\/boot\/firmware\/firstrun\.sh .*\n$/);
  assert.is(line.split('systemd.run=').length, 2);
  assert.is(await read('config.txt'), 'arm_64bit=1\n# matlang: pull-ups of buttons and contacts\ngpio=17=ip,pu\n');
  assert.is(spawnSync('sh', ['-n', join(out, 'firstrun.sh')]).status, 0);
});

test('nobody can log in at a node, or the technician whose public key the card brings, without a password', async () => {
  const none = await at('nobody');
  assert.ok((await makeKit({ ...rules, ...none })).ok);
  assert.equal(parse(await none.read('user-data')).users, []);
  const sshKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9i tech@xa\n';
  const one = await at('technician');
  assert.ok((await makeKit({ ...rules, ...one, sshKey })).ok);
  const user = parse(await one.read('user-data'));
  assert.equal([user.users.length, user.users[0].lock_passwd, user.ssh_pwauth], [1, true, false]);
  assert.equal(user.users[0].ssh_authorized_keys, [sshKey.trim()]);
  const first = await at('technician-first', { 'cmdline.txt': 'root=x\n' });
  assert.ok((await makeKit({ ...rules, ...first, sshKey })).ok);
  assert.is(spawnSync('sh', ['-n', join(first.out, 'firstrun.sh')]).status, 0);
  assert.ok((await first.read('firstrun.sh')).includes(`echo '${sshKey.trim()}'`));
  for (const bad of ['-----BEGIN OPENSSH PRIVATE KEY-----', "ssh-ed25519 AAAA x'; reboot", `${sshKey}${sshKey}`]) {
    const refused = await makeKit({ ...rules, out: none.out, sshKey: bad });
    assert.match(refused.ok ? '' : refused.text, /not an OpenSSH public key/);
  }
});

test('the first run takes itself off the command line again', async () => {
  const { out, read } = await at('first', { 'cmdline.txt': 'root=x rootwait\n' });
  assert.ok((await makeKit({ ...rules, out })).ok);
  const expression = /sed -i '([^']+)'/.exec(await read('firstrun.sh'))?.[1] ?? '';
  const after = spawnSync('sed', [expression, join(out, 'cmdline.txt')], { encoding: 'utf8' }).stdout;
  assert.is(after, 'root=x rootwait\n');
});

test('the installer is a sound script that wipes the ticket', async () => {
  const script = fileURLToPath(new URL('../../systemd/kit/install.sh', import.meta.url));
  assert.is(spawnSync('sh', ['-n', script]).status, 0);
  assert.match(await readFile(script, 'utf8'), /shred -u "\$here\/ticket"/);
});

test('without the package for the Pi, or with a bad configuration, nothing is made and the reason is told', async () => {
  const out = join(base, 'none');
  const without = await makeKit({ ...rules, out, debs: [] });
  assert.match(without.ok ? '' : without.text, /npm run deb/);
  const older = join(base, 'matlang-node_0.9.0_arm64.deb');
  const two = await makeKit({ ...rules, out, debs: [...debs, older] });
  assert.match(two.ok ? '' : two.text, /one matlang-node .*1\.0\.0.*0\.9\.0/);
  const bad = await makeKit({ ...rules, out, config: 'commune: XA\n' });
  assert.match(bad.ok ? '' : bad.text, /commune/);
});

test('a part that is named as wired has the pin of the wiring page, and every part of that page has a name', async () => {
  const page = await readFile(fileURLToPath(new URL('../../docs/guide/noi-day.md', import.meta.url)), 'utf8');
  const drawn = parse(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  const mark = ({ pin, trigger }: { pin: number; trigger: string }) => `${pin} ${trigger}`;
  assert.equal(
    drawn.pins.inputs.map(mark).sort(),
    (pinsOf(parts).inputs ?? []).map((each) => mark(each as never)).sort(),
  );
  const { inputs: _drawnInputs, ...drawnOutputs } = drawn.pins;
  const { inputs: _inputs, ...outputs } = pinsOf(parts);
  assert.equal(outputs, drawnOutputs);
  for (const part of parts) assert.match(page, `\`${part}\``);
  assert.equal(pinsOf(['status', 'panic']), { inputs: [{ pin: 17, trigger: 'panic' }], statusPin: 24 });
});

test('the card brings the makers’ newest root, where the commune has one', async () => {
  const repository = join(base, 'releases');
  assert.is(await newestRoot(repository), undefined);
  await mkdir(join(repository, 'metadata'), { recursive: true });
  for (const name of ['1.root.json', '9.root.json', '10.root.json', '11.targets.json', 'timestamp.json'])
    await writeFile(join(repository, 'metadata', name), name);
  const newest = (await newestRoot(repository)) ?? '';
  assert.is(newest, join(repository, 'metadata/10.root.json'));
  const { out, read } = await at('trusting');
  assert.ok((await makeKit({ ...rules, out, trust: await readFile(newest, 'utf8') })).ok);
  assert.is(await read('matlang/root.json'), '10.root.json');
});

test('a card for a camera on the network names it by its address', async () => {
  const of = (url: string) => `commune: xa\nnode: mat-07\ntitle: Cổng\ncamera: {driver: rtsp, url: '${url}'}\n`;
  const refused = await makeKit({ ...rules, out: join(base, 'rtsp'), config: of('rtsp://an:bi-mat@cam.local/1') });
  assert.match(refused.ok ? '' : refused.text, /camera\.url: must name .* not "cam\.local"/);
  assert.not.match(refused.ok ? '' : refused.text, 'bi-mat');
  assert.ok((await makeKit({ ...rules, out: join(base, 'rtsp'), config: of('rtsp://[fd00::9]/1') })).ok);
});

test('said twice, command line and pull-ups stand there once', () => {
  const once = withFirstRun('root=x', '/boot/firmware');
  assert.is(withFirstRun(once, '/boot/firmware'), once);
  const pulled = withPullUps('a=1\n', [17, 27]);
  assert.is(withPullUps(pulled, [17, 27]), pulled);
  assert.is(withPullUps(pulled, []), 'a=1\n');
});

test.run();
