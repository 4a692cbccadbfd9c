// Debian with systemd, as Raspberry Pi OS is one: made from Debian's archive once, and as a file system whenever the lab's own files in it change.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labCache, useCached } from './debian.ts';
import { must } from './must.ts';
import { withTranslator } from './translated-root.ts';

/** A Debian to begin with, as Raspberry Pi OS is one. */
export interface Stock {
  readonly name: string;
  readonly suite: 'bookworm' | 'trixie';
  readonly architecture: 'amd64' | 'arm64';
  readonly include: readonly string[];
  /** For footage and keys, beside the system's. */
  readonly hasOwnPartitions: boolean;
  /** Units of the lab's own. */
  readonly units: readonly string[];
  readonly finish?: (root: string) => void;
}

/** What a node's package depends on and recommends. */
const common = [
  ...['systemd', 'systemd-sysv', 'systemd-timesyncd', 'dbus', 'udev', 'kmod', 'init-system-helpers', 'initramfs-tools'],
  ...['zstd', 'e2fsprogs', 'iproute2', 'procps', 'ffmpeg'],
];

/** And what the lab plays the world with. */
export const poleStock: Stock = {
  name: 'pole',
  suite: 'bookworm',
  architecture: 'amd64',
  include: [
    ...[...common, 'linux-image-amd64', 'gpiod', 'alsa-utils', 'v4l-utils'],
    // Raspberry Pi OS reads the card's boot partition by it, at the first start.
    'cloud-init',
    // And by it a Raspberry Pi OS keeps its root read-only.
    ...['overlayroot', 'busybox'],
    // The hub's broker.
    'mosquitto',
  ].sort(),
  hasOwnPartitions: true,
  units: ['lab-control', 'lab-hardware'],
  finish: (root) => {
    addGpioSim(root);
    must('chroot', [root, 'systemctl', 'disable', 'mosquitto']);
  },
};

/** Without cloud-init, as Raspberry Pi OS bookworm. */
export const armStock: Stock = {
  name: 'arm64',
  suite: 'bookworm',
  architecture: 'arm64',
  include: [...common, 'linux-image-arm64'].sort(),
  hasOwnPartitions: false,
  units: ['lab-control'],
};
const imageMiB = 3600;
const scripts = ['control', 'hardware'].map((name) => ({
  name: `lab-${name}`,
  path: fileURLToPath(new URL(`guest/${name}.sh`, import.meta.url)),
}));

/** libcamera as Debian 13 has it, whose kernel lets it share pictures; and the programs of the recipe that needs no rpicam-apps. */
export const cameraStock: Stock = {
  name: 'libcamera',
  suite: 'trixie',
  architecture: 'amd64',
  include: [
    ...[
      ...common,
      'linux-image-amd64',
      'cloud-init',
      'libcamera-tools',
      'gstreamer1.0-libcamera',
      'gstreamer1.0-tools',
    ],
    ...['base', 'good', 'bad', 'ugly'].map((part) => `gstreamer1.0-plugins-${part}`),
  ].sort(),
  hasOwnPartitions: false,
  units: ['lab-control'],
};

/** Missing programs of the build machine; undefined when all are there. */
export function missingTools(more: readonly string[] = []): string | undefined {
  const absent = [
    ...more,
    'mmdebstrap',
    'mke2fs',
    'debugfs',
    'mkfs.vfat',
    'mcopy',
    'genimage',
    'make',
    'gcc',
    'dpkg-deb',
    'xz',
  ].filter((program) => spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${program}`]).status !== 0);
  if (absent.length > 0) return `${absent.join(', ')} not found: sh cli/setup.sh lab`;
  return process.getuid?.() === 0 ? undefined : 'the image is made by root only (device files, owners)';
}

/** The root as a file system, made anew when the lab's own files in it change. */
export function stockImage(base: string): string {
  const texts = scripts.map(({ path }) => readFileSync(path, 'utf8'));
  const hash = createHash('sha256').update(JSON.stringify([guestFiles, texts, imageMiB]));
  const at = `${base}-${hash.digest('hex').slice(0, 8)}.img`;
  if (existsSync(at)) return at;
  putGuestFiles(base);
  must('truncate', ['-s', `${imageMiB}M`, `${at}.new`]);
  must('mke2fs', ['-q', '-t', 'ext4', '-F', '-L', 'lab', '-d', base, `${at}.new`]);
  renameSync(`${at}.new`, at);
  const older = readdirSync(dirname(base)).map((name) => join(dirname(base), name));
  for (const path of older) if (path.startsWith(`${base}-`) && path !== at) rmSync(path, { force: true });
  return at;
}

export function debianRoot(stock: Stock): string {
  const { name, architecture, include } = stock;
  const key = createHash('sha256').update(include.join()).digest('hex').slice(0, 12);
  const at = join(labCache(), `${name}-${key}`);
  if (existsSync(join(at, 'etc/lab-whole'))) {
    useCached(at);
    return at;
  }
  const draft = `${at}.new`;
  rmSync(draft, { recursive: true, force: true });
  process.stderr.write('making a Debian root, some minutes, once …\n');
  if (architecture === 'amd64') setUp(stock, draft);
  else withTranslator(() => setUp(stock, draft));
  rmSync(at, { recursive: true, force: true });
  writeFileSync(join(draft, 'etc/lab-whole'), '');
  renameSync(draft, at);
  return at;
}

/** What QEMU's boards need, not what any machine might: translated, collecting all of it takes minutes. */
const smallInitramfs = `cd "$1" && mkdir -p usr/share/initramfs-tools/conf.d usr/share/initramfs-tools/modules.d &&
echo MODULES=list >usr/share/initramfs-tools/conf.d/lab && printf 'virtio_pci\\nvirtio_blk\\next4\\noverlay\\n' >usr/share/initramfs-tools/modules.d/lab`;

function setUp({ suite, architecture, include, units, finish }: Stock, draft: string): void {
  const leave = ['--dpkgopt=path-exclude=/usr/share/doc/*', '--dpkgopt=path-exclude=/usr/share/locale/*'];
  must('mmdebstrap', [
    '--quiet',
    '--variant=minbase',
    `--architectures=${architecture}`,
    `--include=${include.join(',')}`,
    ...leave,
    `--essential-hook=${smallInitramfs}`,
    '--format=directory',
    suite,
    draft,
  ]);
  putGuestFiles(draft);
  must('chroot', [draft, 'systemctl', 'enable', ...units, 'systemd-networkd']);
  must('chroot', [
    draft,
    'systemctl',
    'mask',
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'serial-getty@ttyS0.service',
    'getty@tty1.service',
    'systemd-networkd-wait-online.service',
    'e2scrub_all.timer',
  ]);
  must('chroot', [draft, 'passwd', '-d', 'root']);
  finish?.(draft);
}

function putGuestFiles(root: string): void {
  for (const [path, text] of guestFiles) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'boot/firmware'), { recursive: true });
  for (const { name, path } of scripts) must('install', ['-m', '755', path, join(root, 'usr/local/sbin', name)]);
}

const guestFiles: readonly (readonly [string, string])[] = [
  ['etc/hostname', 'lab\n'],
  ['etc/hosts', '127.0.0.1 localhost lab\n'],
  ['etc/fstab', 'LABEL=lab / ext4 noatime,commit=5 0 1\nLABEL=bootfs /boot/firmware vfat defaults 0 2\n'],
  // As Raspberry Pi OS has it: the boot partition is where cloud-init looks, and nowhere else.
  [
    'etc/cloud/cloud.cfg.d/99_lab.cfg',
    'datasource_list: [NoCloud, None]\ndatasource:\n  NoCloud:\n    seedfrom: file:///boot/firmware/\nssh_deletekeys: false\nssh_genkeytypes: []\nlocale: false\nnetwork: {config: disabled}\n',
  ],
  ['etc/systemd/system/cloud-init-local.service.d/lab.conf', '[Unit]\nRequiresMountsFor=/boot/firmware\n'],
  // The hardware of a pole: a header, a camera, a sound card.
  [
    'etc/systemd/system/lab-hardware.service',
    '[Unit]\nDescription=Simulated hardware\nDefaultDependencies=no\nAfter=local-fs.target\nBefore=basic.target matlang-pins.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/local/sbin/lab-hardware\n[Install]\nWantedBy=sysinit.target\n',
  ],
  ['etc/systemd/network/10-lab.network', '[Match]\nName=e*\n[Network]\nDHCP=yes\n'],
  [
    'etc/systemd/system/lab-control.service',
    "[Unit]\nDescription=The lab's hand\nAfter=basic.target\nStartLimitIntervalSec=0\n[Service]\nExecStart=/usr/local/sbin/lab-control\nRestart=always\nRestartSec=1\nStandardError=journal+console\nOOMScoreAdjust=-900\nEnvironment=HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n[Install]\nWantedBy=multi-user.target\n",
  ],
];

/** Debian's kernel comes without simulated GPIO lines; its own source has them, and builds against its headers. */
function addGpioSim(root: string): void {
  const version = readdirSync(join(root, 'lib/modules'))[0] ?? '';
  const work = join(labCache(), `gpio-sim-${version}`);
  if (!existsSync(join(work, 'gpiosim.ko'))) {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    const series = version.split('.').slice(0, 2).join('.');
    must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', `linux-headers-${version}`]);
    must('apt-get', ['download', '-qq', `linux-source-${series}`], work);
    const wanted = ['drivers/gpio/gpio-sim.c', 'drivers/gpio/gpiolib.h', 'kernel/irq/irq_sim.c'].map(
      (path) => `linux-source-${series}/${path}`,
    );
    const unpack = `dpkg-deb --fsys-tarfile linux-source-*.deb | tar -xO --wildcards './usr/src/*.tar.xz' | tar -xJ --strip-components=3 ${wanted.join(' ')}`;
    must('sh', ['-c', unpack], work);
    // Not exported to modules; its public twin is.
    must(
      'sed',
      [
        '-i',
        '-e',
        's/irq_to_desc(irqnum)/irq_data_to_desc(irq_get_irq_data(irqnum))/',
        '-e',
        '/include <linux.irq.h>/a #include <linux/irqdesc.h>',
        'irq_sim.c',
      ],
      work,
    );
    writeFileSync(join(work, 'Makefile'), 'obj-m := gpiosim.o\ngpiosim-objs := gpio-sim.o irq_sim.o\n');
    must('make', ['-s', '-C', `/usr/src/linux-headers-${version}`, `M=${work}`, 'modules']);
    rmSync(join(work, readdirSync(work).find((name) => name.endsWith('.deb')) ?? 'none'), { force: true });
  }
  mkdirSync(join(root, 'lib/modules', version, 'extra'), { recursive: true });
  cpSync(join(work, 'gpiosim.ko'), join(root, 'lib/modules', version, 'extra/gpiosim.ko'));
  must('chroot', [root, 'depmod', version]);
}
