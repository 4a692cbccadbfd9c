// What is tried in the virtual node, in order: each step says what it saw, or throws what it missed.
import { setTimeout as pause } from 'node:timers/promises';
import type { Guest } from './pole-vm.ts';

export interface Step {
  readonly name: string;
  /** Seen figures, in words. */
  readonly run: (guest: Guest) => Promise<string>;
}

const now = '/run/matlang/now.json';
const node = '/opt/matlang/current/runtime/node';

/** A question to the recorder's own newest words. */
async function vitals(guest: Guest, expression: string): Promise<string> {
  const script = `const v=JSON.parse(require('fs').readFileSync('${now}'));console.log(${expression})`;
  return (await guest.run(`${node} -e "${script.replaceAll('"', '\\"')}"`)).out.trim();
}

/** Asks every two seconds. */
async function until(what: string, holds: () => Promise<boolean>, secondsMax: number): Promise<number> {
  const startMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startMs > secondsMax * 1000) throw new Error(`waited ${secondsMax} s in vain for ${what}`);
    await pause(2000);
  }
  return Math.round((performance.now() - startMs) / 1000);
}

const journal = (guest: Guest, unit: string) => guest.run(`journalctl --no-pager -o cat -u ${unit} | tail -n 400`);
const isActive = async (guest: Guest, unit: string) =>
  (await guest.run(`systemctl is-active ${unit}`)).out.trim() === 'active';
const restarts = async (guest: Guest) =>
  Number((await guest.must('systemctl show -p NRestarts --value matlang-recorder')).trim());
const waiting = async (guest: Guest) =>
  Number((await guest.must('find /var/lib/matlang/data/spool -type f | wc -l')).trim());
const alarms = async (guest: Guest) =>
  Number(
    (
      await guest.must(
        'ls /var/lib/matlang/data/spool/0 /var/lib/matlang/data/delivered 2>/dev/null | grep -c -- -event- || true',
      )
    ).trim(),
  );

const machine = 'pins';
/** The simulated line's resistor, which is what a closed contact looks like from outside. */
const pull = (way: 'up' | 'down') =>
  `for line in /sys/devices/platform/gpio-sim.0/gpiochip*/sim_gpio17/pull; do echo pull-${way} > $line; done`;

export const steps: readonly Step[] = [
  {
    name: 'the package installs, its units are enabled, and without a configuration nothing runs',
    run: async (guest) => {
      const startMs = performance.now();
      await guest.must('dpkg -i /root/node.deb', 280_000);
      const seconds = Math.round((performance.now() - startMs) / 1000);
      await guest.must(
        'systemctl is-enabled matlang-recorder matlang-uplink matlang-pins matlang-launcher matlang-card',
      );
      const failed = (await guest.must('systemctl list-units --failed --plain --no-legend')).trim();
      if (failed !== '') throw new Error(`failed units: ${failed}`);
      if (await isActive(guest, 'matlang-recorder')) throw new Error('the recorder runs without a configuration');
      return `installed in ${seconds} s, no failed unit`;
    },
  },
  {
    name: 'lines of a simulated Pi header are exported by root and given to the group gpio',
    run: async (guest) => {
      await guest.must(
        [
          'modprobe gpiosim',
          'mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config',
          `mkdir -p /sys/kernel/config/gpio-sim/${machine}/bank0`,
          `echo 28 > /sys/kernel/config/gpio-sim/${machine}/bank0/num_lines`,
          `echo pinctrl-bcm2711 > /sys/kernel/config/gpio-sim/${machine}/bank0/label`,
          `echo 1 > /sys/kernel/config/gpio-sim/${machine}/live`,
          pull('up'),
        ].join(' && '),
      );
      await guest.must('modprobe vivid n_devs=1 no_error_inj=1; modprobe snd-aloop; udevadm settle');
      await guest.must(
        'install -d -o matlang -g matlang -m 700 /var/lib/matlang/identity && cp /root/identity/* /var/lib/matlang/identity/ && chown -R matlang:matlang /var/lib/matlang/identity && cp /root/node.yaml /etc/matlang/node.yaml && systemctl start matlang-pins',
        240_000,
      );
      const found = await guest.must(
        'ls -lL /sys/class/gpio/ | grep -o "gpio[0-9]*$" | grep -v chip; stat -L -c "%G %a" /sys/class/gpio/gpio*/value | sort -u; cat /sys/class/gpio/gpiochip*/base',
      );
      if (!found.includes('gpio 664')) throw new Error(`not handed over: ${found}`);
      return found.trim().split('\n').join(', ');
    },
  },
  {
    name: 'the recorder starts in its sandbox, sees the first picture of a vivid camera and says READY',
    run: async (guest) => {
      const startMs = performance.now();
      await guest.must('systemctl start matlang-recorder', 240_000);
      await until(
        'a picture',
        async () => (await journal(guest, 'matlang-recorder')).out.includes('first picture'),
        180,
      );
      const words = (await journal(guest, 'matlang-recorder')).out;
      const ms = /"monoMs":(\d+)[^\n]*"msg":"first picture"|first picture[^\n]*"monoMs":(\d+)/.exec(words);
      const recipe = /"recipe":"([^"]+)"/.exec(words)?.[1] ?? '';
      return `first analysed picture ${ms?.[1] ?? ms?.[2] ?? '?'} ms after the recorder's start (translated CPU), ${Math.round((performance.now() - startMs) / 1000)} s after systemctl; recipe ${recipe}`;
    },
  },
  {
    name: 'pins are opened by onoff from inside the sandbox, and a line pulled down is an alarm',
    run: async (guest) => {
      await until('vitals', async () => (await guest.run(`test -e ${now}`)).code === 0, 90);
      const driver = await vitals(guest, 'v.pins');
      if (!driver.startsWith('onoff')) throw new Error(`the driver is ${driver}`);
      const before = await alarms(guest);
      await guest.must(pull('down'));
      const seconds = await until('an alarm record', async () => (await alarms(guest)) > before, 30);
      await guest.must(pull('up'));
      return `${driver}; event record within ${seconds + 2} s`;
    },
  },
  {
    name: 'a bang into a looped-back sound card is an alarm',
    run: async (guest) => {
      const state = await vitals(guest, 'v.sound.bang.state');
      if (state !== 'listening') throw new Error(`bang is ${await vitals(guest, 'JSON.stringify(v.sound)')}`);
      const before = (await journal(guest, 'matlang-recorder')).out.split('"trigger":"bang"').length;
      await guest.must('aplay -q -D plughw:Loopback,1,0 /root/bang.wav');
      const seconds = await until(
        'the bang',
        async () => (await journal(guest, 'matlang-recorder')).out.split('"trigger":"bang"').length > before,
        40,
      );
      return `heard within ${seconds + 2} s`;
    },
  },
  {
    name: 'uplink without a hub: READY, and it goes on trying',
    run: async (guest) => {
      await guest.must('systemctl start matlang-uplink', 200_000);
      await pause(5000);
      if (!(await isActive(guest, 'matlang-uplink')))
        throw new Error((await journal(guest, 'matlang-uplink')).out.slice(-800));
      return `active, ${await waiting(guest)} files wait`;
    },
  },
  {
    name: 'a recorder that hangs is ended by the watchdog and begun anew, and says why',
    run: async (guest) => {
      const before = await restarts(guest);
      await guest.must('kill -STOP $(systemctl show -p MainPID --value matlang-recorder)');
      const seconds = await until('a restart', async () => (await restarts(guest)) > before, 150);
      await until(
        'its words',
        async () => (await journal(guest, 'matlang-recorder')).out.includes('"cause":"watchdog"'),
        90,
      );
      return `restarted after ${seconds} s, cause "watchdog"`;
    },
  },
  {
    name: 'a camera program that hangs is restarted, the recorder is not',
    run: async (guest) => {
      await until('pictures', async () => Number(await vitals(guest, 'v.counts.framesAnalysed')) > 3, 120);
      const before = await restarts(guest);
      await guest.must('pkill -STOP -x ffmpeg');
      const seconds = await until(
        'the camera again',
        async () => (await journal(guest, 'matlang-recorder')).out.includes('camera-hang'),
        60,
      );
      await until(
        'it is over',
        async () =>
          /fault over[^\n]*camera-hang|camera-hang[^\n]*fault over/.test(
            (await journal(guest, 'matlang-recorder')).out,
          ),
        90,
      );
      if ((await restarts(guest)) !== before) throw new Error('the recorder was restarted, too');
      return `told within ${seconds + 2} s, pictures came again, recorder untouched`;
    },
  },
  {
    name: 'a disk that is full does not end the recorder, and what is freed is used again',
    run: async (guest) => {
      await guest.must('fallocate -l $(($(df --output=avail -B1 / | tail -1) - 3000000)) /root/fill');
      await pause(20_000);
      if (!(await isActive(guest, 'matlang-recorder'))) throw new Error('the recorder ended');
      const faults = await vitals(guest, "v.faults.map(f=>f.code).join(' ')");
      await guest.must('rm /root/fill');
      await until(
        'no card fault',
        async () => !(await vitals(guest, "v.faults.map(f=>f.code).join(' ')")).includes('card-'),
        120,
      );
      return `faults meanwhile: ${faults === '' ? 'none yet' : faults}; over after room was made`;
    },
  },
  {
    name: 'a clock at 1970 is not believed, and recording goes on',
    run: async (guest) => {
      await guest.must('systemctl stop systemd-timesyncd; rm -f /run/systemd/timesync/synchronized; date -s @86400');
      await guest.must('systemctl restart matlang-recorder', 240_000);
      await until('vitals', async () => Number(await vitals(guest, 'v.counts.framesAnalysed')) > 3, 150);
      const clock = await vitals(guest, 'v.time.clock + " " + v.time.wallMs');
      if (!/^(none|floor|rtc) /.test(clock)) throw new Error(`the clock is ${clock}`);
      return `clock "${clock}"`;
    },
  },
  {
    name: 'upgrade and downgrade of the package with records waiting: none is lost, the recorder runs again',
    run: async (guest) => {
      const list = 'cd /var/lib/matlang/data/spool && find . -type f | sort';
      await guest.must('systemctl stop matlang-uplink');
      const before = new Set((await guest.must(list)).trim().split('\n'));
      for (const file of ['node-next.deb', 'node.deb']) {
        await guest.must(`dpkg -i --force-downgrade /root/${file}`, 280_000);
        await until('the recorder', () => isActive(guest, 'matlang-recorder'), 180);
      }
      const after = new Set((await guest.must(list)).trim().split('\n'));
      const lost = [...before].filter((name) => !after.has(name));
      if (lost.length > 0) throw new Error(`${lost.length} of ${before.size} records are gone: ${lost[0]}`);
      return `${before.size} records before, 0 lost; runs ${(await guest.must('readlink /opt/matlang/current')).trim()}`;
    },
  },
  {
    name: 'remove leaves footage, identity and configuration; purge leaves nothing',
    run: async (guest) => {
      await guest.must('dpkg -r matlang-node', 200_000);
      await guest.must(
        'test -d /var/lib/matlang/data/spool && test -e /var/lib/matlang/identity/signing.pem && test -e /etc/matlang/node.yaml && ! test -e /opt/matlang',
      );
      await guest.must('dpkg -P matlang-node', 100_000);
      const left = (
        await guest.run(
          'ls -d /var/lib/matlang* /etc/matlang /opt/matlang /usr/lib/matlang /run/matlang 2>/dev/null; getent passwd matlang; getent group matlang',
        )
      ).out.trim();
      if (left !== '') throw new Error(`left: ${left}`);
      return 'nothing is left, the user neither';
    },
  },
];

export const config = `commune: xa-lab
node: mat-lab
title: Phòng thử
dataDir: /var/lib/matlang/data
identityDir: /var/lib/matlang/identity
camera: {driver: v4l2, device: /dev/video0, width: 320, height: 180, fps: 5, bitrateKbps: 300}
motion: {fps: 2}
storage: {ringMiB: 64, spoolMiB: 64, keepFreeMiB: 64}
pins: {inputs: [{pin: 17, trigger: panic}], statusPin: 24}
bang: {enabled: true}
uplink: {broker: 'mqtt://10.0.2.2:1'}
vitalsEveryS: 5
`;
