// The drivers of real boards: onoff on trees as kernels of different age number them, root's export of pins, and the gpiod tools of both versions as stand-ins that speak as the real ones do.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exportPins } from '../../hal/pins/export.ts';
import { headerChip, readEdge, toolsVersion } from '../../hal/pins/gpiod-tools.ts';
import { openPins } from '../../hal/pins/open.ts';
import type { PinEdge, Pins } from '../../hal/ports.ts';
import { until } from '../support/until.ts';

const test = suite('hal/pins-real');
const monoMs = () => performance.now();
const folders: string[] = [];
const bases = [
  [0, 'pinctrl-bcm2835'],
  [512, 'pinctrl-bcm2711'],
  [571, 'pinctrl-rp1'],
  [504, 'pinctrl-bcm2835'],
] as const;

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'matlang-pins-'));
  folders.push(made);
  return made;
}

/** A /sys with the header's chip, and what the kernel makes when these pins are exported. */
async function sysfs(base: number, label: string, pins: readonly number[]): Promise<string> {
  const root = await folder();
  const chip = join(root, `class/gpio/gpiochip${base}`);
  await mkdir(chip, { recursive: true });
  await writeFile(join(chip, 'base'), `${base}\n`);
  await writeFile(join(chip, 'label'), `${label}\n`);
  await writeFile(join(root, 'class/gpio/export'), '');
  for (const pin of pins) await exported(root, base + pin);
  return root;
}
async function exported(root: string, gpio: number): Promise<void> {
  const at = join(root, `class/gpio/gpio${gpio}`);
  await mkdir(at, { recursive: true });
  for (const name of ['value', 'direction', 'edge', 'active_low']) await writeFile(join(at, name), '0\n');
}

test.after(async () => {
  for (const made of folders) await rm(made, { recursive: true });
});

/** onoff's face: remembers which numbers it was asked for, and lets a test move the level. */
function fakeOnoff(accessible: boolean) {
  const asked: { gpio: number; direction: string }[] = [];
  const listeners = new Map<number, (error: null, value: number) => void>();
  class Gpio {
    static readonly HIGH = 1;
    static readonly LOW = 0;
    static readonly accessible = accessible;
    readonly gpio: number;
    constructor(gpio: number, direction: string) {
      this.gpio = gpio;
      asked.push({ gpio, direction });
    }
    watch(listener: (error: null, value: number) => void) {
      listeners.set(this.gpio, listener);
    }
    readSync() {
      return 1;
    }
    unexport() {
      listeners.delete(this.gpio);
    }
    write() {
      return Promise.resolve();
    }
  }
  return { load: () => Promise.resolve({ Gpio }) as never, asked, listeners };
}

test('onoff is asked for the base plus the pin, whichever base the kernel chose, and its edges come through', async () => {
  for (const [base, label] of bases) {
    const sysRoot = await sysfs(base, label, []);
    const { load, asked, listeners } = fakeOnoff(true);
    const opened = await openPins({ sysRoot, load, monoMs });
    assert.ok(opened.ok && opened.pins.driver === `onoff, ${label} from ${base}`);
    if (!opened.ok) continue;
    const stop = new AbortController();
    const seen: PinEdge[] = [];
    const watched = (async () => {
      const pins = [{ pin: 17, activeLow: true, debounceMs: 0 }];
      for await (const edge of opened.pins.watch(pins, stop.signal)) seen.push(edge);
    })();
    await until('a listener', () => listeners.has(base + 17));
    listeners.get(base + 17)?.(null, 0);
    listeners.get(base + 17)?.(null, 1);
    await until('two edges', () => seen.length === 2);
    assert.equal(
      seen.map(({ pin, active }) => [pin, active]),
      [
        [17, true],
        [17, false],
      ],
    );
    await opened.pins.set(22, true);
    assert.equal(asked, [
      { gpio: base + 17, direction: 'in' },
      { gpio: base + 22, direction: 'high' },
    ]);
    stop.abort();
    await watched;
    assert.is(listeners.size, 0);
  }
});

test('a press and its release between two looks of a busy loop are told; as short a pulse while it is free is a bounce', async () => {
  const sysRoot = await sysfs(512, 'pinctrl-bcm2711', []);
  const { load, listeners } = fakeOnoff(true);
  // A clock of the test's own: how late this machine is does not matter.
  let nowMs = 1000;
  const opened = await openPins({ sysRoot, load, monoMs: () => nowMs });
  if (!opened.ok) throw new Error(opened.text);
  const stop = new AbortController();
  const seen: (readonly [number, boolean])[] = [];
  const watched = (async () => {
    const pins = [17, 4].map((pin) => ({ pin, activeLow: true, debounceMs: 30 }));
    for await (const edge of opened.pins.watch(pins, stop.signal)) seen.push([edge.pin, edge.active]);
  })();
  await until('listeners', () => listeners.size === 2);
  nowMs += 10;
  listeners.get(512 + 17)?.(null, 1);
  listeners.get(512 + 4)?.(null, 0);
  await until('the other pin', () => seen.length > 0);
  assert.equal(seen, [[4, true]], 'ten milliseconds are a bounce');
  nowMs += 200;
  listeners.get(512 + 17)?.(null, 1);
  await until('press and release', () => seen.length === 3);
  assert.equal(seen.slice(1), [
    [17, true],
    [17, false],
  ]);
  stop.abort();
  await watched;
});

test('without sysfs GPIO and without gpiod tools, both reasons are told', async () => {
  const opened = await openPins({ sysRoot: await folder(), env: { PATH: '/usr/bin/nowhere' }, monoMs });
  assert.is(opened.ok ? '' : opened.why, 'no-sysfs');
  assert.match(opened.ok ? '' : opened.text, /no sysfs GPIO; the gpiod tools are absent/);
});

test('a recorder that may not export uses what root has exported for it, and names what is missing', async () => {
  const sysRoot = await sysfs(512, 'pinctrl-bcm2711', [17]);
  const { load } = fakeOnoff(false);
  const env = { PATH: '/usr/bin/nowhere' };
  const opened = await openPins({ sysRoot, load, monoMs, env, wanted: [17] });
  assert.ok(opened.ok, opened.ok ? '' : opened.text);
  const missing = await openPins({ sysRoot, load, monoMs, env, wanted: [17, 22] });
  assert.match(missing.ok ? '' : missing.text, /and 22 has not been exported/);
});

test("root's part exports, points and hands over what is named, on every base; what is there already is taken as it is", async () => {
  for (const [base, label] of bases) {
    const sysRoot = await sysfs(base, label, [17]);
    // The kernel's side: a number written to `export` makes its folder.
    const kernel = until('22 asked for', async () => {
      if ((await readFile(join(sysRoot, 'class/gpio/export'), 'utf8')) !== String(base + 22)) return false;
      await exported(sysRoot, base + 22);
      return true;
    });
    const done = await exportPins(sysRoot, { inputs: [17], outputs: [22] }, process.getgid?.());
    await kernel;
    assert.ok(done.ok, done.text);
    const read = (gpio: number, name: string) => readFile(join(sysRoot, `class/gpio/gpio${gpio}`, name), 'utf8');
    assert.is(await read(base + 17, 'direction'), 'in');
    assert.is(await read(base + 17, 'edge'), 'both');
    assert.is(await read(base + 22, 'direction'), 'low');
  }
});

test('a kernel that refuses a pin is told with the pin; absent sysfs with its reason', async () => {
  const sysRoot = await sysfs(512, 'pinctrl-rp1', []);
  await rm(join(sysRoot, 'class/gpio/export'));
  await mkdir(join(sysRoot, 'class/gpio/export'));
  const refused = await exportPins(sysRoot, { inputs: [4], outputs: [] }, undefined);
  assert.is(refused.ok ? '' : refused.why, 'io');
  assert.match(refused.text, /pin 4: EISDIR/);
  const absent = await exportPins(await folder(), { inputs: [4], outputs: [] }, undefined);
  assert.is(absent.ok ? '' : absent.why, 'no-sysfs');
});

test('both versions of the tools are told apart, and their edges are read', () => {
  assert.is(toolsVersion('gpiodetect (libgpiod) v1.6.3\nCopyright'), 1);
  assert.is(toolsVersion('gpiodetect (libgpiod) v2.2.1\n'), 2);
  assert.is(toolsVersion('gpiodetect 3'), undefined);
  const list = 'gpiochip0 [raspberrypi-exp-gpio] (8 lines)\ngpiochip4 [pinctrl-rp1] (54 lines)\n';
  assert.equal(headerChip(list), { chip: 'gpiochip4', seen: ['raspberrypi-exp-gpio', 'pinctrl-rp1'] });
  assert.equal(
    [readEdge(1, '17 1 61 5000000'), readEdge(1, '17 0 61 999999999'), readEdge(1, '17 2 61 0')],
    [{ pin: 17, high: true, atMs: 61_005 }, { pin: 17, high: false, atMs: 61_999.999999 }, undefined],
  );
  assert.equal(
    [
      readEdge(2, '17 1 61.005000000'),
      readEdge(2, '17 2 61.250000000'),
      readEdge(2, '17 0 61.0'),
      readEdge(2, 'rubbish'),
    ],
    [{ pin: 17, high: true, atMs: 61_005 }, { pin: 17, high: false, atMs: 61_250 }, undefined, undefined],
  );
});

/** Tools of one version: `edges` is what gpiomon says, from a file that a test appends to. */
async function tools(version: '1.6.3' | '2.2'): Promise<{ env: NodeJS.ProcessEnv; at: string }> {
  const at = await folder();
  const write = async (name: string, script: string) => {
    await writeFile(join(at, name), `#!/bin/sh\necho "${name} $*" >> ${at}/calls\n${script}\n`);
    await chmod(join(at, name), 0o755);
  };
  await write(
    'gpiodetect',
    `[ "$1" = --version ] && echo "gpiodetect (libgpiod) v${version}" || echo 'gpiochip0 [pinctrl-bcm2711] (58 lines)'`,
  );
  await write('gpioget', 'echo 1');
  await write('gpiomon', `exec tail -n +1 -f ${at}/edges`);
  await write('gpioset', `[ -e ${at}/busy ] && { echo 'Device or resource busy' >&2; exit 1; }; exec sleep 1000`);
  await writeFile(join(at, 'edges'), '');
  return { env: { ...process.env, PATH: `${at}:${process.env.PATH}` }, at };
}

async function withTools(version: '1.6.3' | '2.2'): Promise<{ pins: Pins; at: string }> {
  const { env, at } = await tools(version);
  const opened = await openPins({ sysRoot: await folder(), env, monoMs });
  if (!opened.ok) throw new Error(opened.text);
  return { pins: opened.pins, at };
}

for (const [version, bounce, press, release, options] of [
  [
    '1.6.3',
    '17 0 9 0\n17 1 9 2000000',
    '17 0 9 50000000',
    '17 1 9 130000000',
    '--bias=pull-up --line-buffered --format=%o %e %s %n gpiochip0 17',
  ],
  [
    '2.2',
    '17 2 9.000000000\n17 1 9.002000000',
    '17 2 9.050000000',
    '17 1 9.130000000',
    '--bias=pull-up --format=%o %e %S --chip=gpiochip0 17',
  ],
] as const) {
  test(`the tools of version ${version} give the level at the start and the edges after it; what is read in one go is told apart by the kernel's times`, async () => {
    const { pins, at } = await withTools(version);
    assert.is(pins.driver, `gpiod tools v${version[0]}, gpiochip0`);
    const stop = new AbortController();
    const seen: boolean[] = [];
    const watched = (async () => {
      for await (const edge of pins.watch([{ pin: 17, activeLow: true, debounceMs: 30 }], stop.signal))
        seen.push(edge.active);
    })();
    await until('the monitor', async () => (await readFile(join(at, 'calls'), 'utf8')).includes(`gpiomon ${options}`));
    await writeFile(join(at, 'edges'), `${bounce}\n${press}\n${release}\n`);
    await until('two edges', () => seen.length === 2);
    assert.equal(seen, [true, false]);
    stop.abort();
    await watched;
  });
}

test('a lamp is held by the tool, a busy line is an error in words, and closing sets it low', async () => {
  const { pins, at } = await withTools('1.6.3');
  await pins.set(22, true);
  await pins.close();
  const calls = (await readFile(join(at, 'calls'), 'utf8')).split('\n').filter((line) => line.startsWith('gpioset'));
  assert.equal(calls, ['gpioset --mode=signal gpiochip0 22=1', 'gpioset --mode=signal gpiochip0 22=0']);
  await writeFile(join(at, 'busy'), '');
  const failed = await pins.set(23, true).catch(String);
  assert.match(String(failed), /resource busy/);
});

test('a monitor that ends by itself ends the watch with its last words', async () => {
  const { pins, at } = await withTools('2.2');
  await writeFile(join(at, 'gpiomon'), '#!/bin/sh\necho "unable to request lines: busy" >&2; exit 1\n');
  const seen = (async () => {
    for await (const edge of pins.watch([{ pin: 17, activeLow: true, debounceMs: 0 }], AbortSignal.timeout(5000)))
      assert.unreachable(JSON.stringify(edge));
  })();
  assert.match(String(await seen.catch(String)), /gpiomon ended: unable to request lines: busy/);
});

test.run();
