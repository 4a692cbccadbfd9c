// What lies on a card, sector by sector: an ext4 image on which a node has recorded, was killed, started again and ran full is searched whole,
// files, what was deleted and the journal alike, for pictures, film and the very bytes that were recorded.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { connectAsync } from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demoCommune } from '../../cli/demo/stage.ts';
import { opener } from '../../protocol/open.ts';
import { readSigningKey, sign } from '../../protocol/sign.ts';
import { root } from '../../protocol/topics.ts';
import { startMosquitto } from '../support/broker.ts';
import { skipWhen } from '../support/skip.ts';
import { until } from '../support/until.ts';
import { hasPicture, stillDelivers } from './at-work.ts';
import { noMounts } from './card.ts';
import { withRig } from './checks.ts';
import { makeFilm } from './film.ts';
import { ageOpens, hasAge, unsealedMarks } from './outsider.ts';
import { logged, namesIn, type Rig, type Running } from './rig.ts';
import { sideBySide } from './side-by-side.ts';

const dir = mkdtempSync(join(tmpdir(), 'matlang-sealed-'));
const image = join(dir, 'card.img');
const cardMiB = 24;
const test = suite('sealed');

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

const cardIsSealed = async (): Promise<void> => {
  const film = join(dir, 'film.mp4');
  makeFilm(film, { seconds: 20, passes: [{ fromS: 3, toS: 5 }] });
  const config = { storage: { ringMiB: 12, spoolMiB: 12, keepFreeMiB: 1 } };
  await withRig({ film, config, mount: mountImage }, async (rig) => {
    await rig.hub();
    let recorder = rig.recorder();
    const uplink = rig.uplink();
    await until('the picture', () => hasPicture({ recorder }), 20_000);
    await stillDelivers(rig, { recorder, uplink });
    const footage = () => rig.atHub().filter(({ manifest: { kind } }) => kind === 'segment' || kind === 'still').length;
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
    // What the card has not taken would rightly stay in memory for the next run.
    for (const ballast of ['ballast', 'ballast-rest']) rmSync(join(rig.node.dir, ballast));
    await until(
      'the card to take again',
      () => logged(recorder, 'fault over').some(({ code }) => code === 'card-full'),
      20_000,
    );
  });
  // The search finds what it is for.
  writeFileSync(join(dir, 'plain.bin'), Buffer.concat([Buffer.alloc(5000), readFileSync(film)]));
  assert.ok(unsealedMarks(readFileSync(join(dir, 'plain.bin'))).length >= 2);
};

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

const nobodySaysIt = async (): Promise<void> => {
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
};

const liveIsSealed = async (): Promise<void> => {
  const film = join(dir, 'live.mp4');
  makeFilm(film, { seconds: 10, passes: [{ fromS: 1, toS: 9 }] });
  const broker = await startMosquitto();
  const eavesdropper = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  try {
    await withRig({ film, brokerPort: broker.port }, async (rig) => {
      const seen = new Map<string, Buffer[]>();
      eavesdropper.on('message', (topic, payload) => {
        const kind = topic.split('/')[5] ?? '';
        seen.set(kind, [...(seen.get(kind) ?? []), payload]);
      });
      await eavesdropper.subscribeAsync('#', { qos: 1 });
      const recorder = rig.recorder();
      rig.uplink();
      await until('the picture', () => hasPicture({ recorder }), 20_000);
      // It names its boot as soon as uplink and recorder have met: before that nobody is there to film.
      const said = (kind: string) => (seen.get(kind) ?? []).map(String);
      await until('both halves of the node', () => said('status').some((text) => JSON.parse(text).boot !== ''), 20_000);
      const identity = await generateX25519Identity();
      const args = { session: 'a'.repeat(32), recipient: await identityToRecipient(identity), seconds: 60 };
      const aud = `${demoCommune}/${rig.node.id}`;
      const order = { v: 1, aud, id: 'live-test-1', name: 'live.start', args, expiresAtMs: Date.now() + 60_000 };
      const key = await readSigningKey(readFileSync(join(rig.sealKey, '../hub.key.pem'), 'utf8'));
      const command = await sign(JSON.stringify(order), 'matlang-command', 'hub', key);
      await eavesdropper.publishAsync(`${root(demoCommune, rig.node.id)}/in/command`, command, { qos: 1 });
      await until('an answer', () => said('reply').length > 0, 20_000);
      assert.is(JSON.parse(said('reply')[0] ?? '').ok, true, said('reply').join());
      await until('live pictures', () => (seen.get('live')?.length ?? 0) >= 3, 20_000);
      const live = seen.get('live') ?? [];
      const opened = await Promise.all(live.map((piece) => opener(identity).open(piece)));
      assert.is(Buffer.from(opened[0] ?? []).toString('latin1', 4, 8), 'ftyp');
      assert.ok(opened.slice(1).every((piece) => unsealedMarks(Buffer.from(piece)).includes('moof')));
      for (const payload of [...seen.values()].flat()) assert.equal(unsealedMarks(payload), []);
      // Not even the hub's own key opens a session that it has no key of.
      const hubKey = readFileSync(rig.sealKey, 'utf8').match(/^AGE-SECRET-KEY-1.+$/m)?.[0] ?? '';
      const byHub = await Promise.allSettled(live.map((piece) => opener(hubKey).open(piece)));
      assert.ok(byHub.every(({ status }) => status === 'rejected'));
    });
  } finally {
    await eavesdropper.endAsync(true);
    await broker.close();
  }
};

// They wait more than they work.
const running = {} as Record<'card' | 'said' | 'live', Promise<void>>;
test.before(() => {
  const [card, said, live] = sideBySide(3, [
    noLoops === undefined ? cardIsSealed : async () => undefined,
    nobodySaysIt,
    liveIsSealed,
  ]);
  Object.assign(running, { card, said, live });
});
test.after(async () => {
  await Promise.allSettled(Object.values(running));
  rmSync(dir, { recursive: true, force: true });
});
skipWhen(noLoops)(test)(
  'no picture, no film and no word of the details lies on the card: while it runs, after kill -9, when it is full',
  () => running.card,
);
test('neither the password of an RTSP camera nor a key is said by anybody: logs, process lists, vitals, doctor', () =>
  running.said);
test('live pictures cannot be read at the broker, with all that its owner may see', () => running.live);

test.run();
