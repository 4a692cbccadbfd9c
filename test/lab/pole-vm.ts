// A node with systemd in a virtual machine, and a hand in it.
import { join } from 'node:path';
import { until } from '../support/until.ts';
import type { PoleCard } from './pole-image.ts';
import { startVm, type Vm, type VmPlan } from './vm.ts';

export interface Guest {
  readonly vm: Vm;
  /** Runs a shell command as root; its output (the last 200 kB) and exit code. */
  run(command: string, msMax?: number): Promise<{ readonly code: number; readonly out: string }>;
  /** The same, where anything but 0 is an error. */
  must(command: string, msMax?: number): Promise<string>;
  /** Seconds after the kernel's start at which the hand was there. */
  readonly readyS: number;
}

/** Half a minute on an idle machine; on a busy one several. */
const bootMsMax = 900_000;

export async function bootGuest(dir: string, card: PoleCard, more: Partial<VmPlan> = {}): Promise<Guest> {
  const network = [
    '-netdev',
    'user,id=n0',
    '-device',
    'virtio-net-pci,netdev=n0,romfile=',
    '-device',
    'virtio-rng-pci',
  ];
  const vm = await startVm({
    dir,
    kernel: card.kernel,
    initramfs: card.initramfs,
    memoryMiB: 1024,
    memoryPath: join(dir, 'memory'),
    card: { image: card.image },
    append: 'root=/dev/vda rw net.ifnames=0',
    processors: 2,
    ...more,
    more: [...network, ...(more.more ?? [])],
  });
  await until('the guest', () => vm.said.some((line) => line.startsWith('READY')) || !vm.isRunning(), bootMsMax);
  if (!vm.isRunning()) throw new Error(`the machine ended: ${vm.lastWords()}`);
  const readyS = Number(vm.said.find((line) => line.startsWith('READY'))?.split(' ')[1]);
  const waiting: ((answer: { code: number; out: string }) => void)[] = [];
  vm.onLine((line) => {
    const [word, code, out = ''] = line.split(' ');
    if (word === 'DONE') waiting.shift()?.({ code: Number(code), out: Buffer.from(out, 'base64').toString('utf8') });
  });
  const run: Guest['run'] = (command, msMax = 120_000) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer within ${msMax} ms to: ${command}`)), msMax);
      waiting.push((answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      vm.say(Buffer.from(command).toString('base64'));
    });
  return {
    vm,
    readyS,
    run,
    must: async (command, msMax) => {
      const { code, out } = await run(command, msMax);
      if (code !== 0) throw new Error(`${command}: exit ${code}\n${out.slice(-3000)}`);
      return out;
    },
  };
}
