import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findChip } from '../../hal/pins/chip.ts';
import { collectEdges } from '../../hal/pins/edges.ts';
import { openPins } from '../../hal/pins/open.ts';
import { inputFile } from '../../hal/pins/sim.ts';
import type { PinEdge, Pins } from '../../hal/ports.ts';

const test = suite('hal/pins');
const monoMs = () => performance.now();
const folders: string[] = [];

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'matlang-pins-'));
  folders.push(made);
  return made;
}

/** A /sys with these chips, as kernels of different age number them. */
async function sysfs(chips: readonly { base: string; label: string }[]): Promise<string> {
  const root = await folder();
  await mkdir(join(root, 'class/gpio'), { recursive: true });
  for (const { base, label } of chips) {
    const chip = join(root, `class/gpio/gpiochip${base}`);
    await mkdir(chip);
    await writeFile(join(chip, 'base'), `${base}\n`);
    await writeFile(join(chip, 'label'), `${label}\n`);
  }
  return root;
}

test.after(async () => {
  for (const made of folders) await rm(made, { recursive: true });
});

test('the base of the header is found by label, wherever the kernel put it', async () => {
  for (const [base, label] of [
    ['0', 'pinctrl-bcm2835'],
    ['512', 'pinctrl-bcm2711'],
    ['571', 'pinctrl-rp1'],
    ['504', 'pinctrl-bcm2835'],
  ] as const) {
    const root = await sysfs([
      { base: '100', label: 'raspberrypi-exp-gpio' },
      { base, label },
    ]);
    assert.equal(await findChip(root), { ok: true, base: Number(base), label });
  }
});

test('no sysfs GPIO, and no chip of a Pi, are told apart, and what is there is named', async () => {
  const none = await findChip(await folder());
  assert.is(none.ok ? '' : none.why, 'no-sysfs');
  const other = await findChip(await sysfs([{ base: '512', label: 'INT34C5:00' }]));
  assert.is(other.ok ? '' : other.why, 'no-chip');
  assert.match(other.ok ? '' : other.text, 'INT34C5:00');
  const empty = await findChip(await sysfs([]));
  assert.match(empty.ok ? '' : empty.text, 'no chip at all');
});

test('a base that is no number is no chip', async () => {
  const root = await sysfs([{ base: '512', label: 'pinctrl-rp1' }]);
  await writeFile(join(root, 'class/gpio/gpiochip512/base'), 'rubbish');
  assert.is((await findChip(root)).ok, false);
});

test('on this machine pins open, or the reason is named', async () => {
  const opened = await openPins({ monoMs });
  if (opened.ok) return await opened.pins.close();
  assert.ok(['no-sysfs', 'no-chip', 'no-module', 'denied'].includes(opened.why));
  assert.ok(opened.text.length > 10);
});

test('a chip without the onoff module, or with one built for another runtime, is a state', async () => {
  const sysRoot = await sysfs([{ base: '512', label: 'pinctrl-rp1' }]);
  const load = () =>
    Promise.reject(new Error("The module 'epoll.node' was compiled against another version\nuse rebuild"));
  const opened = await openPins({ sysRoot, load, monoMs });
  assert.is(opened.ok ? '' : opened.why, 'no-module');
  assert.match(opened.ok ? '' : opened.text, /epoll\.node.*another version;/);
});

test('without the right to export, that is said', async () => {
  const sysRoot = await sysfs([{ base: '512', label: 'pinctrl-rp1' }]);
  const load = () => Promise.resolve({ Gpio: { accessible: false } } as never);
  const opened = await openPins({ sysRoot, load, monoMs });
  assert.is(opened.ok ? '' : opened.why, 'denied');
});

/** Collects edges until `count` have come; fails after five seconds. */
async function edgesOf(edges: AsyncIterable<PinEdge>, count: number, stop: AbortController): Promise<PinEdge[]> {
  const timer = setTimeout(() => stop.abort(), 5000);
  const seen: PinEdge[] = [];
  for await (const edge of edges) if (seen.push(edge) === count) break;
  clearTimeout(timer);
  assert.is(seen.length, count, `edges within 5 s: ${JSON.stringify(seen)}`);
  return seen;
}

async function simulated(): Promise<{ pins: Pins; at: string }> {
  const at = await folder();
  const opened = await openPins({ simFolder: at, monoMs });
  if (!opened.ok) throw new Error(opened.text);
  return { pins: opened.pins, at };
}

test('a simulated button pressed and released gives two edges, active-low or not', async () => {
  for (const activeLow of [true, false]) {
    const { pins, at } = await simulated();
    const stop = new AbortController();
    await writeFile(inputFile(at, 17), activeLow ? '1' : '0');
    const seen = edgesOf(pins.watch([{ pin: 17, activeLow, debounceMs: 0 }], stop.signal), 2, stop);
    await writeFile(inputFile(at, 17), activeLow ? '0' : '1');
    // The release must not come before the press was seen.
    setTimeout(() => void writeFile(inputFile(at, 17), activeLow ? '1' : '0'), 150);
    assert.equal(
      (await seen).map((edge) => [edge.pin, edge.active]),
      [
        [17, true],
        [17, false],
      ],
    );
  }
});

test('a contact that is closed from the start is told', async () => {
  const { pins, at } = await simulated();
  await writeFile(inputFile(at, 4), '0');
  const stop = new AbortController();
  const [edge] = await edgesOf(pins.watch([{ pin: 4, activeLow: true, debounceMs: 5 }], stop.signal), 1, stop);
  assert.equal([edge?.pin, edge?.active], [4, true]);
});

test('a simulated lamp shows what it was told', async () => {
  const { pins, at } = await simulated();
  await pins.set(22, true);
  assert.is(await readFile(join(at, 'out-22'), 'utf8'), '1');
  await pins.set(22, false);
  assert.is(await readFile(join(at, 'out-22'), 'utf8'), '0');
});

test('bounces shorter than the debounce time are one edge; a level that falls back is none', async () => {
  const stop = new AbortController();
  const edges = collectEdges(new Map([[1, 40]]), monoMs, stop.signal);
  for (const active of [true, false, true, false, true]) edges.level(1, active);
  const [first] = await edgesOf(edges, 1, stop);
  assert.is(first?.active, true);
  edges.level(1, false);
  edges.level(1, true);
  edges.level(2, true);
  const [next] = await edgesOf(edges, 1, stop);
  assert.is(next?.pin, 2, 'pin 1 fell back within its debounce time, so the next edge is of pin 2');
  stop.abort();
});

test('a reader that sleeps through 10,000 edges keeps the newest 256 and its memory', async () => {
  const stop = new AbortController();
  const edges = collectEdges(new Map(), monoMs, stop.signal);
  for (let count = 0; count < 10_000; count++) edges.level(1, count % 2 === 0);
  edges.level(2, true);
  const seen = await edgesOf(edges, 256, stop);
  assert.is(seen.at(-1)?.pin, 2, 'the newest edge is the 256th');
  stop.abort();
  for await (const edge of edges) assert.unreachable(`nothing comes after the signal, but ${JSON.stringify(edge)} did`);
});

test('the signal ends a watch that waits', async () => {
  const { pins } = await simulated();
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 20);
  for await (const edge of pins.watch([{ pin: 1, activeLow: true, debounceMs: 10 }], stop.signal))
    assert.unreachable(JSON.stringify(edge));
});

test.run();
