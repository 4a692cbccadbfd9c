// What lies on a card, sector by sector: an ext4 image on which a node has recorded, was killed, started again and ran full is searched whole,
// files, what was deleted and the journal alike, for pictures, film and the very bytes that were recorded.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skipWhen } from '../support/skip.ts';
import { until } from '../support/until.ts';
import { hasPicture, stillDelivers } from './at-work.ts';
import { noMounts } from './card.ts';
import { withRig } from './checks.ts';
import { makeFilm } from './film.ts';
import { ageOpens, hasAge, unsealedMarks } from './outsider.ts';
import { logged, namesIn, type Rig, type Running } from './rig.ts';

const dir = mkdtempSync(join(tmpdir(), 'matlang-sealed-'));
const image = join(dir, 'card.img');
const cardMiB = 24;
const test = suite('sealed');
test.after(() => rmSync(dir, { recursive: true, force: true }));

const rtspPassword = 'mat-khau-Rtsp-7Q';
const noLoops: string | undefined = (() => {
  if (noMounts !== undefined) return noMounts;
  if (!hasAge) return "Debian's age is not installed: apt-get install age";
  return spawnSync('losetup', ['-f']).status === 0 ? undefined : 'there are no loop devices here';
})();

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

function mountImage(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  run('truncate', '-s', `${cardMiB}M`, image);
  run('mkfs.ext4', '-q', '-F', image);
  run('mount', '-o', 'loop', image, folder);
  return () => run('umount', '--lazy', folder);
}

/** Everything of the node's that a body of the archive holds, opened. */
const plaintexts = (rig: Rig): Buffer[] =>
  rig
    .atHub()
    .filter(({ body }) => body.length > 0)
    .map(({ body }) => ageOpens(body, rig.sealKey));

/** Pieces that stand nowhere by chance: out of the middle of pictures and film, and the words of the details. */
function pieces(plain: Buffer): Buffer[] {
  if (plain.length < 400) return plain.length < 48 ? [] : [plain.subarray(plain.length - 40)];
  return [0.2, 0.5, 0.8].map((part) => Math.floor(plain.length * part)).map((at) => plain.subarray(at, at + 32));
}

function leaks(rig: Rig): string[] {
  run('sync', '-f', rig.node.dir);
  const raw = readFileSync(image);
  const found = unsealedMarks(raw).map((mark) => `mark of ${mark}`);
  const planted = plaintexts(rig).flatMap(pieces);
  assert.ok(planted.length >= 12, `only ${planted.length} pieces to look for`);
  for (const piece of planted) {
    // A run of one value, as a dark picture may have, would be found in any empty block.
    if (new Set(piece).size < 8) continue;
    const at = raw.indexOf(piece);
    if (at >= 0) found.push(`plaintext at ${at}: ${piece.toString('latin1').replace(/[^ -~]/g, '.')}`);
  }
  for (const words of ['peakShare', 'firstMonoMs":', '"reason"']) {
    const at = raw.indexOf(words);
    if (at >= 0) found.push(`details at ${at}: ${words}`);
  }
  return found;
}

/** To the last block. */
function fill(folder: string): void {
  const ballast = join(folder, 'ballast');
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k', 'status=none']);
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}-rest`, 'bs=512', 'status=none']);
}

skipWhen(noLoops)(test)(
  'no picture, no film and no word of the details lies on the card: while it runs, after kill -9, when it is full',
  async () => {
    const film = join(dir, 'film.mp4');
    makeFilm(film, { seconds: 20, passes: [{ fromS: 3, toS: 5 }] });
    const config = { storage: { ringMiB: 12, spoolMiB: 12, keepFreeMiB: 1 } };
    await withRig({ film, config, mount: mountImage }, async (rig) => {
      await rig.hub();
      let recorder = rig.recorder();
      const uplink = rig.uplink();
      await until('the picture', () => hasPicture({ recorder }), 20_000);
      await stillDelivers(rig, { recorder, uplink });
      const footage = () =>
        rig.atHub().filter(({ manifest: { kind } }) => kind === 'segment' || kind === 'still').length;
      await until('pictures and footage at the hub', () => footage() >= 4, 30_000);
      assert.equal(leaks(rig), [], 'while it runs');
      await recorder.kill('SIGKILL');
      assert.equal(leaks(rig), [], 'after kill -9');
      recorder = rig.recorder();
      await until('the picture', () => hasPicture({ recorder }), 20_000);
      fill(rig.node.dir);
      await rig.press();
      await until('a full card', () => logged(recorder, 'fault').some(({ code }) => code === 'card-full'), 20_000);
      assert.equal(leaks(rig), [], 'when it is full');
      nothingSaid(rig, [recorder, uplink]);
    });
    // The search finds what it is for.
    writeFileSync(join(dir, 'plain.bin'), Buffer.concat([Buffer.alloc(5000), readFileSync(film)]));
    assert.ok(unsealedMarks(readFileSync(join(dir, 'plain.bin'))).length >= 2);
  },
);

/** What a key file holds between its lines of dashes, or behind its comments. */
function secretIn(path: string): string {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.find((line) => line.length > 40 && !line.startsWith('#')) ?? `nothing in ${path}`;
}

/** Keys and passwords, in no process's list, environment or words. */
function nothingSaid(rig: Rig, running: readonly Running[], more: readonly string[] = []): void {
  const keys = [
    join(rig.node.dir, 'identity/signing.pem'),
    rig.sealKey,
    join(rig.sealKey, '../hub.key.pem'),
    join(rig.sealKey, '../escrow.txt'),
  ];
  const secrets = [...keys.filter(existsSync).map(secretIn), ...more];
  assert.ok(secrets.length >= 3);
  const seen = running.flatMap(({ said }) => said);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) seen.push(ofProcess(pid));
  for (const secret of secrets)
    for (const text of seen) assert.not(text.includes(secret), `${secret.slice(0, 6)}… in ${text.slice(0, 200)}`);
}

function ofProcess(pid: string): string {
  try {
    return ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1')).join(' ');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

test('the password of an RTSP camera, and no key, is said by anybody: logs, process lists, vitals, doctor', async () => {
  const film = join(dir, 'quiet.mp4');
  makeFilm(film, { seconds: 4, passes: [] });
  const camera = { driver: 'rtsp', url: `rtsp://quan-tri:${rtspPassword}@127.0.0.1:9/live` };
  await withRig({ film, config: { camera } }, async (rig) => {
    const hub = await rig.hub();
    const vitals = await rig.heard();
    const [recorder, uplink] = [rig.recorder(), rig.uplink()];
    await until('the camera to fail', () => logged(recorder, 'fault').length > 0, 20_000);
    await until('the vitals', () => vitals.has('vitals') && vitals.get('vitals')?.includes('camera') === true, 20_000);
    nothingSaid(rig, [hub, recorder, uplink], [rtspPassword]);
    for (const [topic, text] of vitals) assert.not(text.includes(rtspPassword), topic);
    const doctor = rig.matlang('doctor', '--config', rig.node.configPath, '--json');
    await doctor.ended;
    assert.ok(doctor.said.length > 0);
    nothingSaid(rig, [doctor], [rtspPassword]);
    // What the hub opens and shows is a log as well.
    for (const { body } of rig.atHub().filter((found) => found.body.length > 0 && hasAge))
      assert.not(ageOpens(body, rig.sealKey).includes(rtspPassword));
    assert.ok((await namesIn(rig.node.dir)).length > 0);
  });
});

test.run();
