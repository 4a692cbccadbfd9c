// What is tried in the virtual node, in order: from a blank card to the desk, then everything that happens to it there.
import { setTimeout as pause } from 'node:timers/promises';
import { framesOf } from '../support/frames.ts';
import {
  alarms,
  allAtHub,
  countOf,
  dataAt,
  faultCodes,
  isDataWritable,
  isGreen,
  journal,
  namesOnCard,
  noneFailed,
  oneMore,
  ownMounts,
  pressButton,
  pssMb,
  restarts,
  type Step,
  seesWell,
  toldCause,
  until,
  vitals,
  waiting,
} from './pole-look.ts';
import { packageSteps } from './pole-steps-package.ts';
import { powerSteps } from './pole-steps-power.ts';

/** Long enough for what happens every few seconds. */
const steadyS = 20;

const senses: readonly Step[] = [
  {
    name: 'the package is whole: units enabled, none failed, ticket gone from card and disk',
    run: async (pole) => {
      const guest = pole.guest();
      await guest.must(
        'systemctl is-enabled matlang-recorder matlang-uplink matlang-pins matlang-launcher matlang-card matlang-care.path',
      );
      const own = (await ownMounts(guest)).map(({ device, at, type }) => `${device} ${type} at ${at}`);
      if (own.length !== 2) throw new Error(`partitions of its own: ${own.join(', ')}`);
      await noneFailed(guest);
      await guest.must('! grep "^E: " /var/log/matlang-install.log');
      await guest.must('! test -e /boot/firmware/matlang/ticket && ! test -e /var/lib/matlang-kit');
      // Its job is done: no later start waits for it.
      await guest.must('test -e /etc/cloud/cloud-init.disabled');
      const told = async () => (await journal(guest, 'matlang-recorder')).includes('"event":"first picture"');
      await until('the first picture', told, 180);
      const words = await journal(guest, 'matlang-recorder');
      const recipe = /"recipe":"([^"]+)"/.exec(words)?.[1] ?? '';
      const toldAt = (what: string) => Number(new RegExp(`"time":(\\d+)[^\\n]*"event":"${what}"`).exec(words)?.[1]);
      const afterCameraMs = toldAt('first picture') - toldAt('camera started');
      const ms = /"monoMs":(\d+),"event":"first picture"/.exec(words)?.[1] ?? '?';
      return `first analysed picture ${afterCameraMs} ms after the camera's start, ${ms} ms after the recorder's (translated CPU, each recipe tried in turn); recipe ${recipe}; ${own.join(', ')}`;
    },
  },
  {
    name: 'lines of a simulated Pi header are exported by root, and onoff opens them inside the sandbox',
    run: async (pole) => {
      const found = await pole
        .guest()
        .must(
          'ls -lL /sys/class/gpio/ | grep -o "gpio[0-9]*$" | grep -v chip; stat -L -c "%G %a" /sys/class/gpio/gpio*/value | sort -u; cat /sys/class/gpio/gpiochip*/base',
        );
      if (!found.includes('gpio 664')) throw new Error(`not handed over: ${found}`);
      const driver = await vitals(pole.guest(), 'v.pins');
      if (!driver.startsWith('onoff')) throw new Error(`the driver is ${driver}`);
      return `${found.trim().split('\n').join(', ')}; ${driver}`;
    },
  },
  {
    name: 'a line pulled down is an alarm at the hub',
    run: async (pole) => {
      const before = (await alarms(pole.hub, 'panic')).length;
      await pressButton(pole.guest());
      const seconds = await oneMore(pole, 'panic', before, 60);
      const { rows }: { rows: { level: string }[] } = await (await pole.hub.get('api/queue')).json();
      if (!rows.some(({ level }) => level === 'alarm')) throw new Error('it is not in the queue');
      return `in the duty desk's queue within ${seconds + 1} s of the edge`;
    },
  },
  {
    name: 'what the vivid camera saw of it is there: event, still, and a clip that plays',
    run: async (pole) => {
      // Where this step is tried alone.
      if ((await alarms(pole.hub, 'panic')).length === 0) await pressButton(pole.guest());
      const whole = async () =>
        (await alarms(pole.hub, 'panic')).find(
          ({ still, clips }) => still !== null && clips.some(({ here, of }) => here === of && of > 0),
        );
      const seconds = await until('still and clip', async () => (await whole()) !== undefined, 150);
      const event = await whole();
      const still = await (await pole.hub.get(event?.still ?? '')).arrayBuffer();
      const film = Buffer.from(await (await pole.hub.get(event?.clips[0]?.url ?? '')).arrayBuffer());
      return `${seconds} s later; still ${still.byteLength} bytes, film of ${(event?.clips[0]?.durationMs ?? 0) / 1000} s: ${framesOf(film)}`;
    },
  },
  {
    name: 'what the installed node takes while nothing happens',
    run: async (pole) => {
      const guest = pole.guest();
      const units = ['matlang-recorder', 'matlang-uplink'] as const;
      const cpuNs = async () =>
        (await guest.must(units.map((unit) => `systemctl show -p CPUUsageNSec --value ${unit}`).join('; ')))
          .trim()
          .split('\n')
          .map(Number);
      const before = await cpuNs();
      await pause(steadyS * 1000);
      const [recorder, uplink] = (await cpuNs()).map((ns, n) => ((ns - (before[n] ?? 0)) / 1e7 / steadyS).toFixed(0));
      const [ofRecorder, ofUplink] = units;
      return `PSS: recorder ${await pssMb(guest, ofRecorder)} MB, uplink ${await pssMb(guest, ofUplink)} MB; of one translated processor in ${steadyS} s: recorder with its camera's programs ${recorder} %, uplink ${uplink} %`;
    },
  },
  {
    name: 'a bang into a looped-back sound card is an alarm at the hub',
    run: async (pole) => {
      const guest = pole.guest();
      await until('ears', async () => (await vitals(guest, 'v.sound.bang.state')) === 'listening', 60);
      const before = (await alarms(pole.hub, 'bang')).length;
      await guest.must('aplay -q -D plughw:Loopback,1,0 /root/bang.wav');
      return `at the hub within ${(await oneMore(pole, 'bang', before, 60)) + 1} s`;
    },
  },
];

/** What fills the node's own partition. */
export const fillAt = `${dataAt}/fill`;

const troubles: readonly Step[] = [
  {
    name: 'a recorder that hangs is ended by the watchdog and begun anew, and the hub is told why',
    run: async (pole) => {
      const guest = pole.guest();
      const [before, told] = [await restarts(guest), countOf(pole, 'began-watchdog')];
      await guest.must('kill -STOP $(systemctl show -p MainPID --value matlang-recorder)');
      const seconds = await until('a restart', async () => (await restarts(guest)) > before, 150);
      await toldCause(pole, 'began-watchdog', told, 120);
      return `restarted after ${seconds} s; the hub has "began-watchdog"`;
    },
  },
  {
    name: 'a camera program that hangs is restarted, the recorder is not, and the hub is told',
    run: async (pole) => {
      const guest = pole.guest();
      await until('a camera without a fault', () => seesWell(guest), 180);
      const [before, told] = [await restarts(guest), countOf(pole, 'camera-hang')];
      await until('a program to stop', async () => (await guest.run('pkill -STOP -x ffmpeg')).code === 0, 60);
      const seconds = await toldCause(pole, 'camera-hang', told, 90);
      await until('it is over', async () => countOf(pole, 'camera-hang') > told + 1 && (await seesWell(guest)), 240);
      if ((await restarts(guest)) !== before) throw new Error('the recorder was restarted, too');
      return `told within ${seconds} s, then told as over: pictures again, recorder untouched`;
    },
  },
  {
    name: 'a disk that is full does not end the recorder, and what is freed is used again',
    run: async (pole) => {
      const guest = pole.guest();
      const before = await restarts(guest);
      await guest.must(`fallocate -l $(($(df --output=avail -B1 ${dataAt} | tail -1) - 3000000)) ${fillAt}`);
      const panics = (await alarms(pole.hub, 'panic')).length;
      await pause(15_000);
      await pressButton(guest);
      const seconds = await oneMore(pole, 'panic', panics, 90);
      const faults = await faultCodes(guest);
      // Flushed: the next step ends the journal, and what it had not yet written would be there again after the check, on a card that is full once more.
      await guest.must(`rm ${fillAt} && sync -f ${dataAt}`);
      await until('no card fault', async () => !(await faultCodes(guest)).includes('card-'), 120);
      if ((await restarts(guest)) !== before) throw new Error('the recorder ended');
      return `an alarm meanwhile reached the hub in ${seconds} s; faults ${faults === '' ? 'none' : faults}; over after room was made`;
    },
  },
  {
    name: 'a data partition that goes read-only: alarms come through from memory; checked and mounted again while the node rests, the hub is told',
    run: async (pole) => {
      const guest = pole.guest();
      const device = (await ownMounts(guest))
        .find(({ at }) => at === dataAt)
        ?.device.split('/')
        .at(-1);
      const [panics, told] = [(await alarms(pole.hub, 'panic')).length, countOf(pole, 'card-mended')];
      await guest.must(`echo "an error of the lab's own" > /sys/fs/ext4/${device}/trigger_fs_error`);
      await until('read-only', async () => !(await isDataWritable(guest)), 30);
      await pressButton(guest);
      const seconds = await oneMore(pole, 'panic', panics, 60);
      const rested = await until('a partition to write on', () => isDataWritable(guest), 240);
      await toldCause(pole, 'card-mended', told, 180);
      const before = new Set(await namesOnCard(guest));
      await until(
        'new names on the card',
        async () => (await namesOnCard(guest)).some((name) => !before.has(name)),
        120,
      );
      await until('green again', async () => (await seesWell(guest)) && (await isGreen(pole.hub)), 240);
      return `the alarm was at the hub in ${seconds} s; mounted again ${rested} s after it; the hub has "card-mended"; records are written again`;
    },
  },
  {
    name: 'an outage (netem, all packets lost) with three alarms drains by itself',
    run: async (pole) => {
      const guest = pole.guest();
      const before = (await alarms(pole.hub, 'panic')).length;
      await guest.must('tc qdisc add dev eth0 root netem loss 100%');
      await until('the hub to miss it', async () => (await pole.hub.node())?.state === 'offline', 240);
      for (let n = 0; n < 3; n++) {
        await pressButton(guest);
        await pause(4000);
      }
      const names = await namesOnCard(guest);
      const files = await waiting(guest);
      if ((await alarms(pole.hub, 'panic')).length > before) throw new Error('something came through');
      await guest.must('tc qdisc del dev eth0 root');
      const first = await until('the alarms', async () => (await alarms(pole.hub, 'panic')).length >= before + 1, 180);
      const all = first + (await allAtHub(pole, names, 240));
      return `${files} files waited; the first alarm ${first} s after the link came back, all ${names.length} of the card at the hub after ${all} s`;
    },
  },
  {
    name: 'a start at 1970 without a link: the clock is not believed, an alarm is kept, and has its true time at the hub after',
    run: async (pole) => {
      const guest = pole.guest();
      const before = await alarms(pole.hub, 'panic');
      await guest.must('tc qdisc add dev eth0 root netem loss 100%');
      await guest.must('systemctl stop systemd-timesyncd; rm -f /run/systemd/timesync/synchronized; date -s @86400');
      // Both: an uplink that goes on remembers what the hub said, and tells a recorder that begins anew.
      await guest.must('systemctl restart matlang-uplink matlang-recorder', 240_000);
      await until('pictures', async () => Number(await vitals(guest, 'v.counts.framesAnalysed')) > 3, 150);
      const clock = await vitals(guest, 'v.time.clock + " " + v.time.wallMs');
      if (!/^(none|floor|rtc) /.test(clock)) throw new Error(`the clock is ${clock}`);
      const [fromMs] = [Date.now(), await pressButton(guest)];
      const toMs = Date.now();
      await pause(3000);
      await guest.must('tc qdisc del dev eth0 root');
      await oneMore(pole, 'panic', before.length, 240);
      const known = new Set(before.map(({ id }) => id));
      const offBy = async () => {
        const event = (await alarms(pole.hub, 'panic')).find(({ id }) => !known.has(id));
        return event === undefined ? Number.POSITIVE_INFINITY : Math.max(fromMs - event.atMs, event.atMs - toMs, 0);
      };
      await until('its true time', async () => (await offBy()) < 10_000, 120);
      await guest.must(`date -s @${Math.round(Date.now() / 1000)}`);
      return `clock "${clock}" at the node; at the hub no more than ${((await offBy()) / 1000).toFixed(1)} s off`;
    },
  },
];

export const steps: readonly Step[] = [...senses, ...troubles, ...powerSteps, ...packageSteps];
