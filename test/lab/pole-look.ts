// Questions to the virtual node and its hub that several steps ask.
import { setTimeout as pause } from 'node:timers/promises';
import type { EventView } from '../../hub/event-view.ts';
import type { LabHub } from './pole-hub.ts';
import type { Guest } from './pole-vm.ts';

export interface Pole {
  /** The machine as it runs now. */
  guest(): Guest;
  readonly hub: LabHub;
  /** kill -9 of the machine: what it had not written is gone. Then on again, without waiting for it; `words` are more of them for its kernel. */
  cutPower(words?: string): Promise<void>;
}

export interface Step {
  readonly name: string;
  /** Seen figures, in words; throws what it missed. */
  readonly run: (pole: Pole) => Promise<string>;
}

/** Asks every second. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, secondsMax: number) {
  const startMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startMs > secondsMax * 1000) throw new Error(`waited ${secondsMax} s in vain for ${what}`);
    await pause(1000);
  }
  return Math.ceil((performance.now() - startMs) / 1000);
}

/** A question to the recorder's own newest words; empty where it has said nothing yet. */
export async function vitals(guest: Guest, expression: string): Promise<string> {
  const script = `const v=JSON.parse(require('fs').readFileSync('/run/matlang/now.json'));console.log(${expression})`;
  return (
    await guest.run(`/opt/matlang/current/runtime/node -e "${script.replaceAll('"', '\\"')}" 2>/dev/null`)
  ).out.trim();
}

/** Pictures are analysed, and nothing stands against the camera (a translated machine is slow enough for a hang of its own). */
export const seesWell = async (guest: Guest) =>
  (await vitals(guest, "v.counts.framesAnalysed > 3 && !v.faults.some(({code}) => code.startsWith('camera-'))")) ===
  'true';

/** Throws what has failed of ours. `but`: a unit that must have failed. */
export async function noneFailed(guest: Guest, but?: string): Promise<void> {
  const listed = (await guest.must('systemctl list-units --failed --plain --no-legend "matlang*"')).trim();
  const failed = listed.split('\n').filter((line) => line !== '');
  const others = failed.filter((line) => line.split(' ')[0] !== but);
  if (others.length > 0) throw new Error(`failed units: ${others.join('; ')}`);
  if (but !== undefined && failed.length === 0) throw new Error(`${but} has not failed`);
}
/** MB, of the unit's main process. */
export async function pssMb(guest: Guest, unit: string): Promise<number> {
  const pss = `grep -m 1 ^Pss: /proc/$(systemctl show -p MainPID --value ${unit})/smaps_rollup | tr -dc 0-9`;
  return Math.round(Number(await guest.must(pss)) / 1024);
}
export const journal = async (guest: Guest, unit: string) =>
  (await guest.run(`journalctl --no-pager -b -o cat -u ${unit} | tail -n 400`)).out;
export const isActive = async (guest: Guest, unit: string) =>
  (await guest.run(`systemctl is-active ${unit}`)).out.trim() === 'active';
export const restarts = async (guest: Guest) =>
  Number((await guest.must('systemctl show -p NRestarts --value matlang-recorder')).trim());
export const dataAt = '/var/lib/matlang/data';
/** For whoever has to find out why a step failed: what is there, and what was said of it. */
export const lastWords = async (guest: Guest) =>
  (
    await guest.run(
      'cat /run/matlang/now.json; echo; ls -lR /run/matlang/refuge; ls -l /run/matlang; journalctl --no-pager -b -o short-monotonic -n 250',
    )
  ).out;
/** What is mounted below the node's folder. */
export const ownMounts = async (guest: Guest) =>
  (await guest.run("grep ' /var/lib/matlang/' /proc/mounts")).out
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([device = '', at = '', type = '']) => ({ device, at, type }));
/** Linux does not always say so among a mount's options. */
export const isDataWritable = async (guest: Guest) =>
  (await guest.run(`touch ${dataAt}/.lab && rm ${dataAt}/.lab`)).code === 0;
export const faultCodes = (guest: Guest) => vitals(guest, "v.faults.map(f=>f.code).join(' ')");
export const waiting = async (guest: Guest) =>
  Number((await guest.must(`find ${dataAt}/spool -type f | wc -l`)).trim());

/** Names of what the card holds for the hub, sent or not. */
export async function namesOnCard(guest: Guest, folders = 'spool delivered'): Promise<string[]> {
  const found = await guest.must(
    `cd ${dataAt} && find ${folders} -type f \\( -name "*.rec" -o -name "*.seg" \\) -printf "%f\\n"`,
  );
  return found.trim().split('\n');
}

/** The simulated line's resistor, which is what a closed contact looks like from outside. */
const pull = (way: 'up' | 'down') =>
  `for line in /sys/devices/platform/gpio-sim.0/gpiochip*/sim_gpio17/pull; do echo pull-${way} > $line; done`;

/** A short press, as of somebody in a hurry: a translated machine may not come to look before it is over. */
export async function pressButton(guest: Guest): Promise<void> {
  await guest.must(`${pull('down')}; sleep 0.3; ${pull('up')}`);
}

export const alarms = async (hub: LabHub, trigger: string): Promise<EventView[]> =>
  (await hub.events()).filter((event) => event.trigger === trigger);

/** Seconds until the hub has one more. */
export async function oneMore(
  pole: Pick<Pole, 'hub'>,
  trigger: string,
  before: number,
  secondsMax: number,
): Promise<number> {
  return await until(
    `a ${trigger} alarm at the hub`,
    async () => (await alarms(pole.hub, trigger)).length > before,
    secondsMax,
  );
}

/** Everything that these names stand for is at the hub. */
export async function allAtHub(pole: Pick<Pole, 'hub'>, names: readonly string[], secondsMax: number): Promise<number> {
  const missing = () => {
    const there = pole.hub.names();
    return names.filter((name) => !there.has(name));
  };
  return await until('all to be at the hub', () => missing().length === 0, secondsMax).catch((cause: unknown) => {
    const left = missing();
    throw new Error(`${left.length} of ${names.length} are not at the hub: ${left[0]}`, { cause });
  });
}
/** The tile of the wall, and a camera behind it that nothing is wrong with. */
export async function isGreen(hub: LabHub): Promise<boolean> {
  const node = await hub.node();
  if (node?.state !== 'online' || node.camera?.recipe == null) return false;
  return !node.faults.some(({ code }) => code.startsWith('camera-'));
}
/** Whatever began it. */
export const wholeEvent = async (hub: LabHub): Promise<EventView | undefined> =>
  (await hub.events()).find(
    (event) => event.still !== null && event.clips.some(({ here, of }) => here === of && of > 0),
  );
export const toldCause = async (pole: Pole, code: string, before: number, secondsMax: number): Promise<number> =>
  await until(
    `${code} at the hub`,
    () => pole.hub.faults().filter((each) => each === code).length > before,
    secondsMax,
  );
export const countOf = (pole: Pole, code: string): number => pole.hub.faults().filter((each) => each === code).length;
