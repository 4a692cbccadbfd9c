// A node with systemd in a virtual machine, and a hand in it.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import type { PoleCard } from './pole-card.ts';
import { startVm, type Vm, type VmPlan } from './vm.ts';

export interface Guest {
  readonly vm: Vm;
  /** Runs a shell command as root; its output (the last 200 kB) and exit code. */
  run(command: string, msMax?: number): Promise<{ readonly code: number; readonly out: string }>;
  /** The same, where anything but 0 is an error. */
  must(command: string, msMax?: number): Promise<string>;
  /** Says it and hears no answer: it ends the machine. */
  say(command: string): void;
  /** Until the hand is there; seconds after the kernel's start. Again after each reset of the machine. */
  ready(): Promise<number>;
}

/** Half a minute on an idle machine; on a busy one several. */
const bootMsMax = 900_000;

/** What a card is put into. */
export type Board = Pick<VmPlan, 'machine' | 'append' | 'more'>;
export const pc = {
  // A kernel that panics hangs, as far as this command line goes: what resets it is the watchdog.
  append: 'root=/dev/vda2 rw net.ifnames=0 panic=0 no_timer_check',
  more: ['-device', 'i6300esb', '-action', 'reboot=reset,watchdog=reset'],
} satisfies Board;

/** Switched on. Unless another board is named, the hardware watchdog resets it, as a Pi's does. */
export async function powerOn(dir: string, card: PoleCard, board: Board = pc): Promise<Guest> {
  for (const socket of ['qmp', 'port']) rmSync(join(dir, socket), { force: true });
  const vm = await startVm({
    dir,
    kernel: card.kernel,
    initramfs: card.initramfs,
    memoryMiB: 1024,
    card: { image: card.image },
    ...board,
    processors: 2,
    more: [
      ...['-netdev', 'user,id=n0', '-device', 'virtio-net-pci,netdev=n0,romfile='],
      ...['-device', 'virtio-rng-pci'],
      ...(board.more ?? []),
    ],
  });
  let heardReadyOnes = 0;
  const readyLines = () => vm.said.filter((line) => line.startsWith('READY'));
  const ready = async () => {
    await until('the guest', () => readyLines().length > heardReadyOnes || !vm.isRunning(), bootMsMax);
    if (!vm.isRunning()) throw new Error(`the machine ended: ${vm.lastWords()}`);
    const lines = readyLines();
    heardReadyOnes = lines.length;
    return Number(lines.at(-1)?.split(' ')[1]);
  };
  const waiting: ((answer: { code: number; out: string }) => void)[] = [];
  vm.onLine((line) => {
    const [word, code, out = ''] = line.split(' ');
    if (word === 'DONE') waiting.shift()?.({ code: Number(code), out: Buffer.from(out, 'base64').toString('utf8') });
  });
  const say = (command: string) => vm.say(Buffer.from(command).toString('base64'));
  const run: Guest['run'] = (command, msMax = 120_000) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer within ${msMax} ms to: ${command}`)), msMax);
      waiting.push((answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      say(command);
    });
  return {
    vm,
    ready,
    run,
    say,
    must: async (command, msMax) => {
      const { code, out } = await run(command, msMax);
      if (code !== 0) throw new Error(`${command}: exit ${code}\n${out.slice(-3000)}`);
      return out;
    },
  };
}
