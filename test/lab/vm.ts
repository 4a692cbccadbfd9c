// A virtual machine under QEMU's own translator (TCG): /dev/kvm of a build machine mostly is there and mostly does not work. Its memory may be a file: a
// machine that has been started once can be parked and gone on with any number of times, each in its own copy.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until.ts';

/** The machines that can be had: QEMU's program, Debian's package of it, its board, the first serial port as Linux names it. */
const machines = {
  x64: { program: 'qemu-system-x86_64', deb: 'qemu-system-x86', board: 'pc', cpu: 'max', port: 'ttyS0' },
  arm64: { program: 'qemu-system-aarch64', deb: 'qemu-system-arm', board: 'virt', cpu: 'cortex-a72', port: 'ttyAMA0' },
} as const;
export type Machine = keyof typeof machines;

/** Why no virtual machine can be started here; undefined where one can. */
export function noQemu(machine: Machine = 'x64'): string | undefined {
  if (process.arch !== 'x64') return `the lab's build machine is an x86 one, this is ${process.arch}`;
  const { program, deb } = machines[machine];
  const asked = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return asked.status === 0 ? undefined : `QEMU is not installed: apt-get install --no-install-recommends ${deb}`;
}

export interface VmPlan {
  /** x64, where nothing is said. */
  readonly machine?: Machine;
  /** Short, and of this machine alone: its sockets lie here. */
  readonly dir: string;
  readonly kernel: string;
  readonly initramfs: string;
  readonly memoryMiB: number;
  /** The file behind its memory: a machine that is parked needs one, and the disk it lies on has to keep up. */
  readonly memoryPath?: string;
  /** What the machine sees as /dev/vda: an NBD server's socket, or a raw image. */
  readonly card: { readonly socket: string } | { readonly image: string };
  /** More words for the kernel. */
  readonly append?: string;
  /** One, where nothing is said. */
  readonly processors?: number;
  /** Further arguments for QEMU. */
  readonly more?: readonly string[];
}

export interface Vm {
  readonly pid: number;
  /** Lines that the guest writes to its port (/dev/vport0p1). */
  readonly said: readonly string[];
  onLine(heard: (line: string) => void): void;
  say(line: string): void;
  isRunning(): boolean;
  /** QEMU's own last words. */
  lastWords(): string;
  /** A stick is put into its USB port, to be read only: `image` is all of it. The plan's `more` must have a controller (`usbPort`). */
  plug(image: string): Promise<void>;
  /** And pulled out, while it runs. */
  unplug(): Promise<void>;
  /** Stops it where it is; `statePath` and its memory file are what `resume` goes on with. It then ends. */
  park(statePath: string): Promise<void>;
  /** As a power cut ends it. */
  kill(): Promise<void>;
}

const startMsMax = 60_000;

/** For `more`: where a stick can be plugged in. */
export const usbPort = ['-device', 'qemu-xhci,id=usb'] as const;

/** Boots; the guest's programs say when they are ready. */
export function startVm(plan: VmPlan): Promise<Vm> {
  return launch(plan, true, []);
}

/** Goes on where a machine of the same plan was parked. The memory file is only read: many may go on from it at once. */
export async function resumeVm(plan: VmPlan, statePath: string): Promise<Vm> {
  // Deferred: what is left out of the state must be agreed on before it is read.
  const vm = await launch(plan, false, ['-incoming', 'defer']);
  await vm.ask('migrate-incoming', { uri: `exec:cat ${statePath}` });
  await until('the parked state', async () => (await vm.ask('query-status')).status !== 'inmigrate', startMsMax);
  await vm.ask('cont');
  return vm;
}

interface Asking extends Vm {
  ask: Monitor['ask'];
}

async function launch(plan: VmPlan, isShared: boolean, more: readonly string[]): Promise<Asking> {
  const [monitorPath, portPath] = [join(plan.dir, 'qmp'), join(plan.dir, 'port')];
  const { memoryMiB, memoryPath } = plan;
  const memory =
    memoryPath === undefined
      ? 'memory-backend-ram'
      : `memory-backend-file,mem-path=${memoryPath},share=${isShared ? 'on' : 'off'}`;
  const { program, board, cpu, port: serial } = machines[plan.machine ?? 'x64'];
  const args = [
    ...['-M', `${board},memory-backend=ram`, '-accel', 'tcg,thread=multi', '-cpu', cpu],
    ...['-smp', String(plan.processors ?? 1), '-m', `${memoryMiB}M`],
    ...['-object', `${memory},id=ram,size=${memoryMiB}M`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', plan.kernel, '-initrd', plan.initramfs],
    ...['-append', `console=${serial} quiet panic=-1 mitigations=off nokaslr random.trust_cpu=on ${plan.append ?? ''}`],
    ...['-serial', `file:${join(plan.dir, 'console')}`],
    ...['-qmp', `unix:${monitorPath},server=on,wait=off`],
    ...['-chardev', `socket,id=port,path=${portPath},server=on,wait=off`],
    ...['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=port,name=lab'],
    ...['-blockdev', `${cardDriver(plan.card)},node-name=card`],
    ...['-device', 'virtio-blk-pci,drive=card,write-cache=on'],
    ...(plan.more ?? []),
    ...more,
  ];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const words = { text: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words.text = (words.text + text).slice(-4000);
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const reach = (path: string) =>
    connectSoon(path, isRunning).catch((cause: unknown) => {
      throw new Error(`QEMU ${isRunning() ? 'does not listen' : 'ended'}: ${words.text}`, { cause });
    });
  const monitor = openMonitor(await reach(monitorPath));
  // Before the guest goes on: what it says to nobody is lost.
  const port = await reach(portPath);
  await monitor.ask('qmp_capabilities');
  await monitor.ask('migrate-set-capabilities', { capabilities: [{ capability: 'x-ignore-shared', state: true }] });

  const said: string[] = [];
  const ears: ((line: string) => void)[] = [];
  linesOf(port, (line) => {
    said.push(line);
    for (const ear of ears) ear(line);
  });
  const kill = () => end(child, [monitor.socket, port]);
  const ask: Monitor['ask'] = (execute, args) =>
    monitor.ask(execute, args).catch((cause: unknown) => {
      throw new Error(`${execute}: ${words.text}`, { cause });
    });
  return {
    pid: child.pid ?? -1,
    said,
    onLine: (heard) => void ears.push(heard),
    say: (line) => void port.write(`${line}\n`),
    isRunning,
    lastWords: () => words.text,
    ask,
    plug: async (image) => {
      const file = { driver: 'file', filename: image };
      await ask('blockdev-add', { driver: 'raw', 'node-name': 'stick', 'read-only': true, file });
      await ask('device_add', { driver: 'usb-storage', bus: 'usb.0', drive: 'stick', id: 'stick' });
    },
    unplug: async () => {
      await ask('device_del', { id: 'stick' });
      const isFree = async () =>
        await monitor.ask('blockdev-del', { 'node-name': 'stick' }).then(
          () => true,
          () => false,
        );
      await until('the stick to be out', isFree, startMsMax);
    },
    park: async (statePath) => {
      await monitor.ask('stop');
      await monitor.ask('migrate', { uri: `exec:cat > ${statePath}` });
      await until(
        'the machine to be parked',
        async () => (await monitor.ask('query-migrate')).status === 'completed',
        startMsMax,
      );
      await kill();
    },
    kill,
  };
}

/** A socket has its name a moment before anybody listens there: on a busy machine a long one. */
async function connectSoon(path: string, mayCome: () => boolean): Promise<Socket> {
  const giveUpAt = performance.now() + startMsMax;
  for (;;) {
    const socket = connect(path);
    const refused = await once(socket, 'connect').then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refused === undefined) return socket;
    socket.destroy();
    if (!mayCome() || performance.now() > giveUpAt) throw refused;
    await pause(10);
  }
}

const cardDriver = (card: VmPlan['card']): string =>
  'socket' in card
    ? `driver=nbd,server.type=unix,server.path=${card.socket}`
    : `driver=raw,file.driver=file,file.filename=${card.image}`;

async function end(child: ChildProcess, sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy();
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'close');
}

/** A machine that is killed breaks its sockets: no error, the end. */
function linesOf(socket: Socket, heard: (line: string) => void): void {
  socket.on('error', () => socket.destroy());
  createInterface({ input: socket })
    .on('line', heard)
    .on('error', () => undefined);
}

interface Monitor {
  readonly socket: Socket;
  ask(execute: string, args?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
}

/** QEMU's machine protocol: one question at a time, answered in order; events in between are passed over. */
function openMonitor(socket: Socket): Monitor {
  const waiting: { resolve(value: Record<string, unknown>): void; reject(error: Error): void }[] = [];
  const fail = () => {
    for (const each of waiting.splice(0)) each.reject(new Error('QEMU has gone'));
  };
  socket.on('error', fail).on('close', fail);
  linesOf(socket, (line) => {
    const message = JSON.parse(line) as { return?: Record<string, unknown>; error?: { desc: string } };
    if (message.return !== undefined) waiting.shift()?.resolve(message.return);
    else if (message.error !== undefined) waiting.shift()?.reject(new Error(message.error.desc));
  });
  const ask: Monitor['ask'] = (execute, args) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute, ...(args === undefined ? {} : { arguments: args }) })}\n`);
    });
  return { socket, ask };
}
