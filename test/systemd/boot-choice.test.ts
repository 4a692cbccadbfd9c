// rauc's words for a boot loader, over a Raspberry Pi's autoboot.txt in a folder; what the firmware would start is read off the file after each.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startedPartition } from '../support/pi-firmware.ts';

const test = suite('systemd/boot-choice');
const base = mkdtempSync(join(tmpdir(), 'matlang-boot-choice-'));
test.after(() => rmSync(base, { recursive: true }));
const script = fileURLToPath(new URL('../../systemd/os/boot-choice.sh', import.meta.url));
let count = 0;

type Slot = 'A' | 'B';

interface Card {
  run(...words: string[]): SpawnSyncReturns<string>;
  /** Must succeed; its answer. */
  tell(...words: string[]): string;
  /** Must be refused, and change nothing; why. */
  refused(...words: string[]): string;
  text(): string | undefined;
  /** Slots by name, as the firmware would start them: usually, and once. */
  starts(): string;
  boot(slot: Slot): void;
  env: NodeJS.ProcessEnv;
}

const slotOf = (partition: number) => ({ 2: 'A', 3: 'B' })[partition] ?? `nothing (${partition})`;

function card(autoboot: string | undefined, running: Slot): Card {
  const dir = join(base, `${count++}`);
  mkdirSync(join(dir, 'select'), { recursive: true });
  const [file, cmdline] = [join(dir, 'select/autoboot.txt'), join(dir, 'cmdline')];
  if (autoboot !== undefined) writeFileSync(file, autoboot);
  const env = { ...process.env, MATLANG_BOOT_SELECT: join(dir, 'select'), MATLANG_CMDLINE: cmdline };
  const text = () => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  const boot = (slot: Slot) => writeFileSync(cmdline, `console=tty1 root=x rauc.slot=${slot} rootwait\n`);
  boot(running);
  const run = (...words: string[]) => spawnSync('sh', [script, ...words], { env: made.env, encoding: 'utf8' });
  const made: Card = {
    ...{ env, run, text, boot },
    tell: (...words) => {
      const { status, stdout, stderr } = run(...words);
      assert.is(status, 0, `${words.join(' ')}: ${stderr}`);
      return stdout.trim();
    },
    refused: (...words) => {
      const before = text();
      const { status, stderr } = run(...words);
      assert.ok(status !== 0, `${words.join(' ')} was done`);
      assert.is(text(), before);
      return stderr;
    },
    starts: () => [false, true].map((isTryboot) => slotOf(startedPartition(text(), isTryboot))).join(', once '),
  };
  return made;
}

const settledOnA = '[all]\ntryboot_a_b=1\nboot_partition=2\n';
const tryingB = `${settledOnA}[tryboot]\nboot_partition=3\n`;

test('a system is installed, tried once, and kept by its own word', () => {
  const { tell, refused, starts, boot, text, run } = card(settledOnA, 'A');
  assert.is(tell('get-current'), 'A');
  assert.is(tell('get-primary'), 'A');
  assert.equal([tell('get-state', 'A'), tell('get-state', 'B')], ['good', 'bad']);
  tell('set-state', 'B', 'bad');
  tell('set-primary', 'B');
  assert.is(text(), tryingB);
  assert.is(starts(), 'A, once B');
  assert.is(tell('get-primary'), 'B');
  assert.is(tell('get-state', 'B'), 'good');
  // Before it has run nobody can say that it is well.
  assert.match(refused('set-state', 'B', 'good'), 'B does not run');
  assert.is(run('on-trial').status, 1);
  boot('B');
  assert.is(run('on-trial').status, 0);
  tell('set-state', 'B', 'good');
  assert.is(starts(), 'B, once B');
  assert.is(run('on-trial').status, 1);
  assert.equal([tell('get-primary'), tell('get-state', 'A'), tell('get-state', 'B')], ['B', 'bad', 'good']);
  // And the other way round, the next time.
  tell('set-primary', 'A');
  assert.is(starts(), 'B, once A');
});

test('a trial that came to nothing leaves the old system, and can be called off', () => {
  const { tell, starts, boot } = card(tryingB, 'B');
  boot('A');
  tell('set-state', 'A', 'good');
  assert.is(starts(), 'A, once B');
  tell('set-state', 'B', 'bad');
  assert.is(starts(), 'A, once A');
  tell('set-primary', 'B');
  tell('set-primary', 'A');
  assert.is(starts(), 'A, once A');
});

test('the system that every start leads back to is never given away', () => {
  const { refused, tell, starts } = card(tryingB, 'B');
  // rauc, asked to install while a trial runs, would write over the only system that has proven itself.
  assert.match(refused('set-state', 'A', 'bad'), 'until another system has proven itself');
  tell('set-state', 'B', 'bad');
  assert.match(refused('set-state', 'B', 'good'), 'not on trial');
  assert.is(starts(), 'A, once A');
});

test('what runs counts where the file is gone, torn or strange, and the next word writes it whole', () => {
  const torn = [
    '',
    '[all]\n',
    '[all]\ntryboot_a_b=1\nboot_part',
    '[all]\nboot_partition=',
    '\0\0\0\0',
    'boot_partition=7\n',
  ];
  for (const text of [undefined, ...torn]) {
    for (const slot of ['A', 'B'] as const) {
      const { tell, starts, refused } = card(text, slot);
      assert.is(tell('get-primary'), slot, JSON.stringify(text));
      refused('set-state', slot, 'bad');
      tell('set-state', slot, 'good');
      assert.is(starts(), `${slot}, once ${slot}`);
      const other = slot === 'A' ? 'B' : 'A';
      tell('set-primary', other);
      assert.is(starts(), `${slot}, once ${other}`);
    }
  }
  for (let bytes = 0; bytes < tryingB.length; bytes++) {
    const { tell, starts } = card(tryingB.slice(0, bytes), 'A');
    tell('set-primary', 'B');
    assert.is(starts(), 'A, once B', `cut after ${bytes} bytes`);
  }
});

test('a file as an office computer writes it is read the same', () => {
  const { tell } = card(tryingB.replaceAll('\n', '\r\n').concat('# end'), 'A');
  assert.is(tell('get-primary'), 'B');
  assert.is(card('boot_partition=3', 'A').tell('get-primary'), 'B');
});

test('strange words, slots and machines are refused', () => {
  const { refused, env } = card(settledOnA, 'A');
  for (const words of [
    [],
    ['set-primary'],
    ['set-primary', 'C'],
    ['get-state', ''],
    ['set-state', 'B', 'fine'],
    ['format'],
  ])
    refused(...words);
  const other = card(settledOnA, 'A');
  other.env = { ...env, MATLANG_CMDLINE: '/dev/null' };
  assert.match(other.refused('set-primary', 'B'), 'not laid out for two systems');
  // For systemd 1 is an answer, and this is none.
  assert.is(other.run('on-trial').status, 255);
});

// Each program of the durable write, stood in for by one that dies before its work or after it, and takes the script with it: a cut.
const steps = [
  { program: 'sync', nth: 1 },
  { program: 'mv', nth: 1 },
  { program: 'sync', nth: 2 },
] as const;
for (const [words, from, running, before, after] of [
  ['set-primary B', settledOnA, 'A', 'A, once A', 'A, once B'],
  ['set-state B good', tryingB, 'B', 'A, once B', 'B, once B'],
  ['set-state B bad', tryingB, 'A', 'A, once B', 'A, once A'],
] as const) {
  test(`${words}, cut before and after each of its steps: the firmware starts what it did or what it was to, and the word can be said again`, () => {
    for (const { program, nth } of steps) {
      for (const when of ['before', 'after'] as const) {
        const torn = card(from, running);
        const bin = join(base, `bin-${count++}`);
        mkdirSync(bin);
        writeFileSync(
          join(bin, program),
          `#!/bin/sh\nn=$(($(cat ${bin}/n 2>/dev/null || echo 0) + 1)); echo $n >${bin}/n\n` +
            `[ $n != ${nth} ] || [ ${when} = after ] || { kill -9 $PPID; exit; }\n/usr/bin/${program} "$@"\n[ $n != ${nth} ] || kill -9 $PPID\n`,
        );
        chmodSync(join(bin, program), 0o755);
        const clean = torn.env;
        torn.env = { ...clean, PATH: `${bin}:${process.env.PATH}` };
        assert.is(torn.run(...words.split(' ')).signal, 'SIGKILL');
        const isRenamed = program === 'mv' ? when === 'after' : nth === 2;
        assert.is(torn.starts(), isRenamed ? after : before, `${when} ${program} ${nth}`);
        torn.env = clean;
        torn.tell(...words.split(' '));
        assert.is(torn.starts(), after);
      }
    }
  });
}

test.run();
