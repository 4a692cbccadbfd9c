// What releases meet on their way to a pole, in order: each step begins where the one before it ended.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Rollout } from '../../hub/rollout/book.ts';
import type { Launch } from '../../ota/trial.ts';
import { breakRecorder, type Makers, touchPrograms } from '../support/makers.ts';
import type { Hole } from '../system/holes.ts';
import { must } from './must.ts';
import type { LabHub } from './pole-hub.ts';
import { allAtHub, isActive, isGreen, namesOnCard, noneFailed, oneMore, pressButton, until } from './pole-look.ts';
import { fillSpoolAt } from './pole-steps-package.ts';
import type { Guest } from './pole-vm.ts';

export interface RolloutPole {
  readonly hub: LabHub;
  readonly makers: Makers;
  /** For files of this run, below it lies the hub. */
  readonly dir: string;
  guest(): Guest;
  switchOn(): Promise<Guest>;
}
export interface RolloutStep {
  readonly name: string;
  /** Seen figures, in words; throws what it missed. */
  readonly run: (pole: RolloutPole) => Promise<string>;
}

/** Files of the guest. */
export const rootAt = '/root/1.root.json';
export const holesAt = '/usr/local/lib/matlang-lab/holes.mjs';
const greenSecondsMax = 1200;
const provenSecondsMax = 900;
/** Three starts that fail, each as long as a start may take. */
const backSecondsMax = 900;
const allSecondsMax = 900;
const stickMiB = 160;

export function steps(): readonly RolloutStep[] {
  const known = { first: '', names: new Set<string>(), presses: 0 };
  /** What is on the card now must be at the hub at the end. */
  const remember = async (pole: RolloutPole) => {
    for (const name of await namesOnCard(pole.guest())) known.names.add(name);
  };
  const press = async (pole: RolloutPole) => {
    await pressButton(pole.guest());
    const seconds = await oneMore(pole, 'panic', known.presses, 120);
    known.presses += 1;
    return seconds;
  };
  return [
    {
      name: 'a node from a blank card is given the makers’ root',
      run: async (pole) => {
        const guest = await pole.switchOn();
        const readyS = await guest.ready();
        const seconds = await until('green on the desk', () => isGreen(pole.hub), greenSecondsMax);
        await guest.must(`/opt/matlang/current/bin/matlang update trust ${rootAt} --root /opt/matlang`);
        known.first = await runs(guest);
        pole.hub.command(['account', 'add', 'thu', '--role', 'technician', '--name', 'Thử']);
        await noneFailed(guest);
        return `ready after ${readyS} s, green ${seconds} s later; it runs ${known.first}`;
      },
    },
    {
      name: 'by the hub, with a full spool: fetched, tried, proven to the hub and kept',
      run: async (pole) => {
        const guest = pole.guest();
        await guest.must('tc qdisc add dev eth0 root netem loss 100%');
        await guest.must('systemctl stop matlang-recorder matlang-uplink');
        const filled = await guest.must(
          `runuser -u matlang -- /opt/matlang/current/runtime/node ${fillSpoolAt}`,
          600_000,
        );
        await guest.must('systemctl start matlang-recorder matlang-uplink', 300_000);
        await until('the recorder', () => isActive(guest, 'matlang-recorder'), 180);
        await remember(pole);
        pole.makers.make('1.1.0', touchPrograms);
        take(pole);
        letGo(pole, '1.1.0');
        await guest.must('tc qdisc del dev eth0 root');
        const seconds = await until('1.1.0', async () => (await runs(guest)) === '1.1.0', provenSecondsMax);
        await until('the wave to be done', () => rolloutOf(pole.hub)?.wave.is === 'done', provenSecondsMax);
        if ((await pole.hub.node())?.release !== '1.1.0') throw new Error('the desk shows another release');
        const pressS = await press(pole);
        await remember(pole);
        return `${filled.trim().replace(' ', ' records, ')} MiB waited; kept ${seconds} s after the link was there; an alarm then took ${pressS} s`;
      },
    },
    {
      name: 'by a stick in its USB port: mounted, verified, tried, proven and kept',
      run: async (pole) => {
        const guest = pole.guest();
        pole.makers.make('1.2.0', touchPrograms);
        take(pole);
        await guest.vm.plug(stickWith(pole));
        const seconds = await until('1.2.0', async () => (await runs(guest)) === '1.2.0', provenSecondsMax);
        await until('1.2.0 at the hub', async () => (await pole.hub.node())?.release === '1.2.0', provenSecondsMax);
        const said = (await guest.must(`journalctl -b -o cat -u "matlang-stick@*" | grep '^{"ok"'`)).trim();
        await guest.vm.unplug();
        if ((await guest.run('findmnt /run/matlang-stick')).code === 0) throw new Error('the stick is still mounted');
        const pressS = await press(pole);
        await remember(pole);
        return `kept ${seconds} s after it was put in; an alarm then took ${pressS} s; the service said: ${said}`;
      },
    },
    {
      name: 'a release whose recorder crashes: back to the one before it, and the hub is told why',
      run: async (pole) => {
        const guest = pole.guest();
        pole.makers.make('1.3.0', breakRecorder);
        take(pole);
        letGo(pole, '1.3.0');
        const isBack = () => rolloutOf(pole.hub)?.wave.nodes[0]?.standing === 'rolled-back';
        const seconds = await until('1.3.0 to be taken back', isBack, backSecondsMax);
        const release = await runs(guest);
        if (release !== '1.2.0') throw new Error(`it runs ${release}`);
        const told = rolloutOf(pole.hub)?.wave.nodes[0]?.text ?? '';
        if (!/recorder (?:ended|did not start)/.test(told)) throw new Error(`the hub was told: ${told}`);
        await until('the fault at the hub', () => pole.hub.faults().includes('update-returned'), 120);
        await until('1.2.0 again', async () => (await pole.hub.node())?.release === '1.2.0', provenSecondsMax);
        const pressS = await press(pole);
        await remember(pole);
        return `back ${seconds} s after it was let go; the hub was told: ${told}; an alarm then took ${pressS} s`;
      },
    },
    {
      name: 'all of it is at the hub: nothing lost, the chain linked, and how long no film was taken',
      run: async (pole) => {
        const guest = pole.guest();
        await allAtHub(pole, [...known.names], allSecondsMax);
        const isLinked = async () => (await pole.hub.node())?.chain.state === 'linked';
        await until('a whole chain', isLinked, 120);
        // It says so until the next one is installed: the release was refused.
        await noneFailed(guest, 'matlang-install.service');
        if (pole.hub.faults().includes('spool-given-up')) throw new Error('something was given up');
        const releases = (await guest.must('ls /opt/matlang/releases')).trim().split('\n').join(', ');
        const found: Hole[] = JSON.parse(await guest.must(`/opt/matlang/current/runtime/node ${holesAt}`, 300_000));
        const told = found.map(({ ms }) => `${(ms / 1000).toFixed(1)} s`).join(', ');
        return `${known.names.size} records and pieces, 0 lost; on the card: ${releases}; without film between starts (translated): ${told}`;
      },
    },
  ];
}

/** A node that was never updated has no state yet: it runs what its package brought. */
async function runs(guest: Guest): Promise<string> {
  const { code, out } = await guest.run('cat /opt/matlang/state.json');
  if (code !== 0) return (await guest.must('basename $(readlink /opt/matlang/current)')).trim();
  const state: Launch = JSON.parse(out);
  return state.name === 'steady' ? (state.release ?? 'none') : state.name;
}
const rolloutOf = (hub: LabHub): Rollout | null => JSON.parse(hub.command(['--json', 'rollout', 'status']));
const take = ({ hub, makers }: RolloutPole) => hub.command(['releases', 'take', makers.repo]);
const letGo = ({ hub }: RolloutPole, release: string) =>
  hub.command(['rollout', 'start', release, '--by', 'thu', '--quiet', '0']);

/** What the hub has, as it would be copied onto a stick of the office: FAT. */
function stickWith({ dir }: RolloutPole): string {
  const [image, folder] = [join(dir, 'stick.img'), join(dir, 'stick')];
  mkdirSync(folder);
  cpSync(join(dir, 'hub/releases'), join(folder, 'matlang-releases'), { recursive: true });
  must('mkfs.vfat', ['-C', image, String(stickMiB * 1024)]);
  must('mcopy', ['-i', image, '-s', join(folder, 'matlang-releases'), '::']);
  return image;
}
