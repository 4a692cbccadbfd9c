// The node with two systems: switched on by the firmware that is played here, cut, restarted by itself.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../hal/sim-disk/random.ts';
import type { OsCard, Slot } from './os-card.ts';
import { until } from './pole-look.ts';
import type { SmallLab } from './pole-small.ts';
import type { Guest } from './pole-vm.ts';
import { kernelOf } from './unpacked-kernel.ts';

export interface OsPole {
  readonly hub: SmallLab['desk'];
  readonly card: OsCard;
  readonly random: Random;
  guest(): Guest;
  isOn(): boolean;
  /** Kernel and system, once it was on. */
  booted(): string;
  /** Power on: what was started, and seconds to the hand in it. */
  on(isTryboot?: boolean): Promise<{ readonly slot: Slot; readonly readyS: number }>;
  /** kill -9 of the machine. */
  cut(): Promise<void>;
  /** Waits until it restarts itself, at most so long: whether it asked the firmware for a trial, and seconds waited. */
  restarts(secondsMax: number): Promise<{ readonly isTryboot: boolean; readonly seconds: number }>;
}

export interface OsPolePlan {
  /** The machine's own. */
  readonly dir: string;
  readonly lab: SmallLab;
  readonly card: OsCard;
  /** Debian's root, with kernel and initramfs. */
  readonly root: string;
  /** A further drive, /dev/vdb. */
  readonly stick: string;
  readonly random: Random;
}

/** Linux' own last word, whatever is quiet. */
const lastWord = /Restarting system(?: with command '(.*)')?/g;

export function openOsPole({ dir, lab, card, root, stick, random }: OsPolePlan): OsPole {
  let guest: Guest | undefined;
  let booted = '';
  const inMachine = {
    image: card.image,
    boot: `${card.image}@@${card.place(2).from}`,
    ...kernelOf(root, dir),
  };
  const drive = ['-blockdev', `driver=raw,read-only=on,file.driver=file,file.filename=${stick},node-name=stick`];
  const more = [...drive, '-device', 'virtio-blk-pci,drive=stick'];
  const running = () => {
    if (guest === undefined) throw new Error('the machine is off');
    return guest;
  };
  return {
    ...{ hub: lab.desk, card, random, guest: running },
    isOn: () => guest?.vm.isRunning() === true,
    booted: () => booted,
    on: async (isTryboot = false) => {
      const { slot, cmdline } = card.firmware(isTryboot);
      guest = await lab.switchOn(inMachine, { append: `${cmdline} net.ifnames=0 no_timer_check`, more });
      const readyS = await guest.ready();
      if (booted === '')
        booted = (await guest.must('uname -r; . /etc/os-release; echo $PRETTY_NAME')).trim().replace('\n', ', ');
      return { slot, readyS };
    },
    cut: async () => await running().vm.kill(),
    restarts: async (secondsMax) => {
      const { vm } = running();
      const seconds = await until('the restart', () => !vm.isRunning(), secondsMax);
      const console = readFileSync(join(dir, 'console'), 'utf8');
      const word = [...console.matchAll(lastWord)].at(-1);
      if (word === undefined) throw new Error(`it ended without a restart: ${console.slice(-1000)}`);
      return { isTryboot: word[1] === '0 tryboot', seconds };
    },
  };
}
