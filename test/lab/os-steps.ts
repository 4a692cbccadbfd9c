// What is tried on the node with two systems, in order: each step begins where the one before it ended.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Slot } from './os-card.ts';
import { versions } from './os-image.ts';
import type { OsPole } from './os-pole.ts';
import { allAtHub, isGreen, namesOnCard, noneFailed, ownMounts, seesWell, until } from './pole-look.ts';

export interface OsStep {
  readonly name: string;
  readonly run: (pole: OsPole) => Promise<string>;
}

const choice = '/usr/lib/matlang/os/bin/matlang-boot-choice';
const well =
  '/opt/matlang/launcher/matlang-launcher well --root /opt/matlang --run-dir /run/matlang -- --config /etc/matlang/node.yaml';
const greenSecondsMax = 900;
/** A trial that comes to nothing (os-image.ts), and a slow machine. */
const restartSecondsMax = 420;
const installSecondsMax = 580;
const cutsOfWriting = 3;
const cutsOfTrial = 2;

/** All that makes it this node: keys and what is carried over. The end of its chain, which lies with the keys, moves on. */
const whoItIs =
  'cat /etc/machine-id /etc/hostname; readlink /opt/matlang/current; ls /opt/matlang/releases; cd /var/lib/matlang/identity && find . /etc/matlang -type f ! -name head ! -name .takes-a-byte | sort | xargs sha256sum | sha256sum';

export function steps(certificate: string): readonly OsStep[] {
  const known = { who: '', installSeconds: 0 };
  return [
    {
      name: 'A starts and joins; the hub has its boot record; it is not on trial',
      run: async (pole) => {
        const readyS = await starts(pole, 'A');
        const guest = pole.guest();
        await guest.must('echo mat-hai >/etc/hostname && hostname mat-hai');
        await guest.must('sh /boot/firmware/matlang/install.sh', 600_000);
        await guest.must(`printf %s '${readFileSync(certificate, 'utf8')}' >/etc/matlang/os-cert.pem`);
        const seconds = await green(pole);
        await guest.must(well);
        known.who = await guest.must(whoItIs);
        const { code } = await guest.run(`${choice} on-trial`);
        if (code !== 1) throw new Error(`on-trial says ${code}`);
        const own = (await ownMounts(guest)).map(({ device, at }) => `${device} at ${at}`);
        if (own.length !== 2) throw new Error(`partitions of its own: ${own.join(', ')}`);
        await noneFailed(guest);
        return `ready after ${readyS} s, green ${seconds} s later; system ${await version(pole)}; ${own.join(', ')}`;
      },
    },
    {
      name: 'a bundle that a stranger signed is refused, and B stays empty',
      run: async (pole) => {
        const before = pole.card.hash(6);
        const why = await refused(pole, versions.strange);
        if (pole.card.hash(6) !== before) throw new Error('something was written');
        trials(pole, 'A', 'A');
        return why;
      },
    },
    {
      name: 'rauc writes B while A records; A is untouched; the next start is A, a trial would be B',
      run: async (pole) => {
        const guest = pole.guest();
        const ofA =
          'find /boot/firmware /etc /usr/lib/matlang /usr/lib/systemd -xdev -type f | sort | xargs sha256sum | sha256sum';
        const before = await guest.must(ofA, 300_000);
        known.installSeconds = await installs(pole, versions.next);
        if ((await guest.must(ofA, 300_000)) !== before) throw new Error('A is not what it was');
        trials(pole, 'A', 'B');
        return `${known.installSeconds} s, ${await guest.must(`stat -c %s ${onStick(versions.next)}`).then(mebibytes)} MiB of bundle`;
      },
    },
    {
      name: 'B is tried: nothing is installed over A meanwhile; the node proves itself to the hub and B is kept',
      run: async (pole) => {
        await tries(pole, 'B');
        const why = await refused(pole, versions.blind);
        trials(pole, 'A', 'B');
        const isKept = async () => (await pole.guest().run(`${choice} on-trial`)).code === 1;
        const seconds = await until('B to be kept', isKept, greenSecondsMax);
        trials(pole, 'B', 'B');
        await isSame(pole, known.who);
        return `refused: ${why}; kept ${seconds} s later; system ${await version(pole)}`;
      },
    },
    {
      name: 'the next plain start is B: the same node, all records at the hub, its chain linked',
      run: async (pole) => {
        const names = await namesOnCard(pole.guest());
        pole.guest().say('reboot');
        if ((await pole.restarts(180)).isTryboot) throw new Error('a trial was asked for');
        const readyS = await starts(pole, 'B');
        await green(pole);
        await isSame(pole, known.who);
        const booted = /Booted from: (\S+ \(\S+\))/.exec(await pole.guest().must('rauc status'))?.[1];
        await noneFailed(pole.guest());
        return `ready after ${readyS} s; rauc says ${booted}; ${await nothingLost(pole, names)}`;
      },
    },
    {
      name: 'a system without a camera is written to A and tried: it restarts by itself into B, and the hub is told nothing that was not so',
      run: async (pole) => {
        await installs(pole, versions.blind);
        trials(pole, 'B', 'A');
        const faults = pole.hub.faults().length;
        await tries(pole, 'A');
        const [fromMs, who] = [Date.now(), await version(pole)];
        if (who !== versions.blind) throw new Error(`system ${who} was tried`);
        await isSame(pole, known.who);
        const { isTryboot, seconds } = await pole.restarts(restartSecondsMax);
        if (isTryboot) throw new Error('it asked for a trial again');
        const toMs = Date.now();
        trials(pole, 'B', 'A');
        await starts(pole, 'B');
        await green(pole);
        await isSame(pole, known.who);
        const whole = await nothingLost(pole, await namesOnCard(pole.guest()));
        const told = pole.hub.faults().slice(faults);
        const seen = (await pole.hub.events()).filter(({ atMs }) => atMs > fromMs && atMs < toMs).length;
        if (seen > 0) throw new Error(`${seen} events of a camera that is not there`);
        if (told.includes('began-power-cut')) throw new Error(`told: ${told.join(', ')}`);
        return `system ${who} restarted ${seconds} s after the hand; ${whole}; the hub was told: ${told.join(', ')}`;
      },
    },
    {
      name: `the power is cut while A is written anew, ${cutsOfWriting} times: B starts, nothing half written would be tried, no record is lost`,
      run: async (pole) => {
        const told: string[] = [];
        for (let cut = 0; cut < cutsOfWriting; cut++) {
          const atS = Math.round(((cut + pole.random()) / cutsOfWriting) * known.installSeconds);
          await pole.guest().must(`systemd-run --quiet --unit=lab-install rauc install ${onStick(versions.next)}`);
          await pause(atS * 1000);
          const names = await acknowledged(pole);
          const isWriting = (await pole.guest().run('systemctl is-active lab-install')).code === 0;
          await pole.cut();
          trials(pole, 'B', isWriting ? 'B' : 'A');
          await starts(pole, 'B');
          await green(pole);
          told.push(`after ${atS} s${isWriting ? '' : ' (it was done)'}: ${await nothingLost(pole, names)}`);
        }
        return told.join('; ');
      },
    },
    {
      name: `the power is cut while A is on trial, ${cutsOfTrial} times: B starts, no record is lost`,
      run: async (pole) => {
        // The last of those cuts may have come too late.
        if (pole.card.firmware(true).slot !== 'A') await installs(pole, versions.next);
        const told: string[] = [];
        for (let cut = 0; cut < cutsOfTrial; cut++) {
          await tries(pole, 'A');
          await mounted(pole);
          const atMs = Math.round(pole.random() * 15_000);
          await pause(atMs);
          const names = await acknowledged(pole);
          await pole.cut();
          trials(pole, 'B', 'A');
          await starts(pole, 'B');
          await green(pole);
          told.push(`${(atMs / 1000).toFixed(0)} s after the hand: ${await nothingLost(pole, names)}`);
        }
        await isSame(pole, known.who);
        return told.join('; ');
      },
    },
  ];
}

const onStick = (name: string): string => `/mnt/${name}.raucb`;
const mebibytes = (bytes: string): number => Math.round(Number(bytes) / (1 << 20));

/** Plain power on. */
async function starts(pole: OsPole, slot: Slot): Promise<number> {
  const started = await pole.on();
  if (started.slot !== slot) throw new Error(`${started.slot} started`);
  await pole.guest().must('mount -o ro /dev/vdb /mnt');
  return started.readyS;
}

/** As a technician has it tried. */
async function tries(pole: OsPole, slot: Slot): Promise<void> {
  pole.guest().say("reboot '0 tryboot'");
  const { isTryboot } = await pole.restarts(180);
  if (!isTryboot) throw new Error('the firmware was not asked for a trial');
  const started = await pole.on(isTryboot);
  if (started.slot !== slot) throw new Error(`${started.slot} was tried`);
  await pole.guest().must(`mount -o ro /dev/vdb /mnt; ${choice} on-trial`);
}

/** Names that are on the card now and, a moment later, for good: never to be lost. */
async function acknowledged(pole: OsPole): Promise<readonly string[]> {
  const names = await namesOnCard(pole.guest());
  await pause(2000);
  return names;
}

/** What the card would have started, plainly and once. */
function trials({ card }: OsPole, plainly: Slot, once: Slot): void {
  const [is, would] = [card.firmware(false).slot, card.firmware(true).slot];
  if (is !== plainly || would !== once) throw new Error(`the card starts ${is}, once ${would}`);
}

const green = async (pole: OsPole): Promise<number> =>
  await until(
    'green on the desk',
    async () => (await seesWell(pole.guest())) && (await isGreen(pole.hub)),
    greenSecondsMax,
  );

async function installs(pole: OsPole, name: string): Promise<number> {
  const startMs = performance.now();
  await pole
    .guest()
    .must(
      `rauc install ${onStick(name)} || { journalctl -b -o cat -u rauc | tail -n 30; exit 1; }`,
      installSecondsMax * 1000,
    );
  return Math.round((performance.now() - startMs) / 1000);
}

/** Why. */
async function refused(pole: OsPole, name: string): Promise<string> {
  const { code, out } = await pole.guest().run(`rauc install ${onStick(name)}`, installSecondsMax * 1000);
  if (code === 0) throw new Error(`it was installed: ${out}`);
  return /LastError: (.*)/.exec(out)?.[1] ?? out;
}

const version = async (pole: OsPole): Promise<string> =>
  (await pole.guest().must('. /etc/os-release; echo $IMAGE_VERSION')).trim();

/** The hand may be there before them. */
const mounted = async (pole: OsPole): Promise<number> =>
  await until('keys and footage', async () => (await ownMounts(pole.guest())).length === 2, 120);

async function isSame(pole: OsPole, who: string): Promise<void> {
  await mounted(pole);
  const now = await pole.guest().must(whoItIs);
  if (now !== who) throw new Error(`it was ${who} and is ${now}`);
}

async function nothingLost(pole: OsPole, names: readonly string[]): Promise<string> {
  await allAtHub(pole, names, 300);
  await until('the chain to close', async () => (await pole.hub.node())?.chain.state === 'linked', 300);
  return `${names.length} records and pieces on the card, 0 lost, chain linked`;
}
