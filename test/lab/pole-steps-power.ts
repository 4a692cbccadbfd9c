// The machine itself ends: cut, hung, cut again while it starts.
import { setTimeout as pause } from 'node:timers/promises';
import {
  allAtHub,
  countOf,
  isGreen,
  namesOnCard,
  noneFailed,
  type Pole,
  pressButton,
  type Step,
  toldCause,
  until,
} from './pole-look.ts';

/** What is on the card at this moment and will have been flushed a moment later. */
async function acknowledged(pole: Pole): Promise<string[]> {
  const names = await namesOnCard(pole.guest());
  await pause(2000);
  return names;
}

async function chainHolds(pole: Pole): Promise<void> {
  await until('the chain to close', async () => (await pole.hub.node())?.chain.state === 'linked', 240);
}

/** As `raspi-config nonint do_overlayfs 0` writes it. */
const readOnlyRoot = 'overlayroot=tmpfs';

export const powerSteps: readonly Step[] = [
  {
    name: 'power cut (kill -9 of the machine) in an outage with alarms waiting, then on again with a read-only root (overlayroot): nothing acknowledged is lost, the hub is told why',
    run: async (pole) => {
      const told = countOf(pole, 'began-power-cut');
      const guest = pole.guest();
      await guest.must('tc qdisc add dev eth0 root netem loss 100%');
      await pressButton(guest);
      await pause(3000);
      await pressButton(guest);
      await pause(5000);
      const names = await acknowledged(pole);
      const there = pole.hub.names();
      const owed = names.filter((name) => !there.has(name)).length;
      await pole.cutPower(readOnlyRoot);
      const bootS = await pole.guest().ready();
      await until('green again', async () => await isGreen(pole.hub), 300);
      const seconds = await allAtHub(pole, names, 240);
      await toldCause(pole, 'began-power-cut', told, 120);
      await chainHolds(pole);
      const root = (await pole.guest().must('findmnt --noheadings --output FSTYPE /')).trim();
      if (root !== 'overlay') throw new Error(`the root is ${root}`);
      await noneFailed(pole.guest());
      return `${names.length} acknowledged, ${owed} of them not yet at the hub; up after ${bootS} s, 0 lost after ${seconds} s more; the hub has "began-power-cut", the chain is linked; the root is an overlay in memory, no unit failed`;
    },
  },
  {
    name: 'a kernel that hangs is reset by the hardware watchdog (i6300esb), and the hub is told',
    run: async (pole) => {
      const told = countOf(pole, 'began-hardware-watchdog');
      const guest = pole.guest();
      const timeout = (
        await guest.must('cd /sys/class/watchdog/watchdog0 && cat identity timeout state | tr "\\n" " "')
      ).trim();
      const startMs = performance.now();
      guest.say('sync; echo c > /proc/sysrq-trigger');
      const bootS = await guest.ready();
      const backS = Math.round((performance.now() - startMs) / 1000);
      await toldCause(pole, 'began-hardware-watchdog', told, 300);
      return `${timeout}; ${backS} s from the hang to the hand in the next start (of which ${bootS} s boot); the hub has "began-hardware-watchdog"`;
    },
  },
  {
    name: 'power that comes and goes: starts cut after 5 and 12 s with a read-only root, after 20 s with one that is written, then green again and nothing lost',
    run: async (pole) => {
      await until('green', () => isGreen(pole.hub), 240);
      await pressButton(pole.guest());
      await pause(3000);
      const names = await acknowledged(pole);
      for (const [seconds, words] of [
        [5, readOnlyRoot],
        [12, readOnlyRoot],
        [20, ''],
      ] as const) {
        await pole.cutPower(words);
        await pause(seconds * 1000);
      }
      await pole.cutPower();
      await pole.guest().ready();
      await until('the hub to have missed it', async () => (await pole.hub.node())?.state !== 'online', 5).catch(
        () => undefined,
      );
      await until('green again', () => isGreen(pole.hub), 300);
      await allAtHub(pole, names, 240);
      await chainHolds(pole);
      await noneFailed(pole.guest());
      return `${names.length} acknowledged before, 0 lost; the chain is linked over all starts, no unit failed`;
    },
  },
];
