// A Debian as the guide has it made ready for a card with two systems (docs/guide/hai-he-dieu-hanh.md), as often as there are versions of it; and bundles of them.
import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootImage, makeSigner } from '../support/two-systems.ts';
import { makeFilm } from '../system/film.ts';
import { must } from './must.ts';
import { armStock, debianRoot, type Stock } from './pole-image.ts';
import { checkout, deb } from './pole-packages.ts';

/** As Raspberry Pi OS bookworm: no cloud-init. */
const osStock: Stock = {
  ...armStock,
  name: 'os',
  architecture: 'amd64',
  include: [
    ...armStock.include.filter((name) => !name.startsWith('linux-image')),
    ...['linux-image-amd64', 'rauc', 'rauc-service'],
  ].sort(),
};

/** Less than its place on the card: what is installed grows into that. */
const imageMiB = 1500;
export const filmAt = '/srv/film.mp4';

/** Versions: of A at first, of what lies on the stick. */
export const versions = { first: '2026.10', next: '2026.11', strange: '2026.11-strange', blind: '2026.12' } as const;
/** Time of a trial: room for a start, a camera and the hub's word on a translated machine; short where none of it will come. */
const trialS = { good: 900, blind: 150 } as const;

/** Paths in a folder of images. */
export const imagesIn = (dir: string) => ({
  film: join(dir, 'film.mp4'),
  packages: join(dir, 'packages'),
  /** A's root, ext4. */
  root: join(dir, `${versions.first}.ext4`),
  /** A drive with all bundles. */
  stick: join(dir, 'stick.ext4'),
  certificate: join(dir, 'vendor.cert.pem'),
});

/** Debian's root, for kernel and initramfs. */
export const osRoot = (): string => debianRoot(osStock);

/** All of them, of the package that lies there. */
export function makeImages(dir: string): void {
  const { film, packages } = imagesIn(dir);
  makeFilm(film, { seconds: 30, passes: [{ fromS: 8, toS: 14 }] });
  const system = openSystem(dir, join(packages, deb('matlang-node', 'amd64')));
  const good = { film, trialS: trialS.good };
  system.image(versions.first, good);
  const [vendor, stranger] = [makeSigner(dir, 'vendor'), makeSigner(dir, 'stranger')];
  const bundles = join(dir, 'bundles');
  mkdirSync(bundles);
  const bundle = (version: string, root: string, { cert, key }: ReturnType<typeof makeSigner>) => {
    const words = ['--root', root, '--boot', bootImage(dir, {}), '--version', version, '--cert', cert, '--key', key];
    must('sh', [join(checkout, 'systemd/os/make-bundle.sh'), ...words, join(bundles, `${version}.raucb`)]);
  };
  bundle(versions.next, system.image(versions.next, good), vendor);
  // Whose it is is asked first.
  bundle(versions.strange, film, stranger);
  bundle(versions.blind, system.image(versions.blind, { film: undefined, trialS: trialS.blind }), vendor);
  makeStick(dir, bundles);
}

interface Within {
  /** What stands for the scene before the camera. Undefined: nothing, and no picture. */
  readonly film: string | undefined;
  readonly trialS: number;
}

/** Debian with the package, as the guide has it made ready; an ext4 image of it for each version. */
function openSystem(dir: string, packed: string): { image(version: string, within: Within): string } {
  const root = join(dir, 'system');
  must('cp', ['-a', '--reflink=auto', osRoot(), root]);
  must('cp', [packed, join(root, 'node.deb')]);
  must('chroot', [root, 'dpkg', '-i', '/node.deb']);
  rmSync(join(root, 'node.deb'));
  // The guide's words from here on.
  mkdirSync(join(root, 'etc/rauc'), { recursive: true });
  rmSync(join(root, 'etc/rauc/system.conf'), { force: true });
  symlinkSync('/usr/lib/matlang/os/system.conf', join(root, 'etc/rauc/system.conf'));
  must('chroot', [root, 'systemctl', 'enable', 'matlang-os-good.service', 'matlang-os-deadline.service']);
  writeFileSync(
    join(root, 'etc/fstab'),
    'PARTUUID=6d61746c-05 / ext4 noatime,commit=5 0 1\nPARTUUID=6d61746c-02 /boot/firmware vfat defaults 0 2\n',
  );
  // The image's own: what lies in /etc goes over from the system before.
  const dropIn = join(root, 'usr/lib/systemd/system/matlang-os-deadline.service.d');
  mkdirSync(dropIn);
  return {
    image: (version, { film, trialS }) => {
      const image = join(dir, `${version}.ext4`);
      rmSync(join(root, filmAt), { force: true });
      if (film !== undefined) must('cp', [film, join(root, filmAt)]);
      // The last word counts.
      appendFileSync(join(root, 'usr/lib/os-release'), `IMAGE_VERSION=${version}\n`);
      writeFileSync(join(dropIn, 'lab.conf'), `[Service]\nEnvironment=MATLANG_OS_TRIAL_S=${trialS}\n`);
      must('mke2fs', ['-q', '-t', 'ext4', '-F', '-m', '0', '-d', root, image, `${imageMiB}M`]);
      return image;
    },
  };
}

function makeStick(dir: string, folder: string): void {
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const size = `${Math.ceil((bytes * 1.1) / (1 << 20)) + 32}M`;
  must('mke2fs', ['-q', '-t', 'ext4', '-F', '-m', '0', '-d', folder, imagesIn(dir).stick, size]);
}
