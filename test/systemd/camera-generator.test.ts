// The recorder's way to a camera on the network: made out of its configuration, to that address and nowhere else; none for any other camera.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newConfig } from '../../cli/commands/init.ts';

const test = suite('systemd/camera-generator');
const script = fileURLToPath(new URL('../../systemd/camera-generator.sh', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'matlang-generator-'));
test.after(() => rmSync(base, { recursive: true }));

/** What it wrote for such a configuration. */
function made(name: string, config: string | undefined): string | undefined {
  const [at, out] = [join(base, `${name}.yaml`), join(base, name)];
  if (config !== undefined) writeFileSync(at, config);
  const run = spawnSync('sh', [script, out, out, out], {
    encoding: 'utf8',
    env: { ...process.env, MATLANG_CONFIG: at },
  });
  assert.equal([run.status, run.stderr], [0, ''], name);
  const file = join(out, 'matlang-recorder.service.d/50-camera.conf');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
const head = 'commune: xa\nnode: mat-07\ntitle: Cổng\n';

test('a camera over RTSP opens its own address', () => {
  const allowed = (name: string, config: string) => /^IPAddressAllow=(.*)$/m.exec(made(name, config) ?? '')?.[1];
  const written = { driver: 'rtsp', commune: 'xa', node: 'mat-07', title: 'Cổng', film: '' };
  for (const [url, address] of [
    ['rtsp://10.0.0.9/stream1', '10.0.0.9'],
    ['rtsp://an:mat@khau@192.168.1.64:554/x', '192.168.1.64'],
    ['rtsp://[fd00::9]:8554/1', 'fd00::9'],
  ] as const)
    assert.is(allowed('written', newConfig({ ...written, url })), address, url);
  assert.is(allowed('flow', `${head}camera: {driver: rtsp, url: 'rtsp://10.1.2.3/1', width: 640}\n`), '10.1.2.3');
  const text = made('text', `${head}camera:\n  driver: rtsp\n  url: rtsp://10.0.0.9\n`) ?? '';
  assert.match(
    text,
    /^\[Service\]\nPrivateNetwork=no\nRestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\nIPAddressDeny=any\n/m,
  );
});

test('any other camera, a name in place of an address, and no configuration open nothing', () => {
  const others = { driver: 'v4l2', commune: 'xa', node: 'mat-07', title: 'Cổng', film: '', url: '' };
  assert.is(made('usb', newConfig(others)), undefined);
  assert.is(made('said', `${head}# driver: rtsp\ncamera: {driver: pi} # not rtsp://10.0.0.9/1\n`), undefined);
  assert.is(made('name', `${head}camera: {driver: rtsp, url: 'rtsp://cam.local/1'}\n`), undefined);
  assert.is(made('none', undefined), undefined);
});

test.run();
