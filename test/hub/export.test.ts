// A case is taken out of a hub that is running, opened and checked with ordinary programs, by the words that lie in it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openZip } from '../../cli/verify/zip.ts';
import { disk } from '../../hal/disk.ts';
import { clipSubject, openAudit } from '../../hub/audit.ts';
import { exportBeside } from '../../hub/export/beside.ts';
import type { ExportDone } from '../../hub/export/export.ts';
import { openHolds } from '../../hub/holds.ts';
import { exportContentsSchema } from '../../protocol/export.ts';
import { readSigningKey, readVerifyingKey, verify } from '../../protocol/sign.ts';
import { hasAge } from '../system/outsider.ts';
import { type MadeClip, makeClip, makeFilm, makeStill } from './films.ts';
import { makeVillage, type Running, type TestSender, type Village } from './village.ts';

interface Setting {
  readonly village: Village;
  readonly running: Running;
  readonly node: TestSender;
  readonly made: MadeClip;
  /** The ZIP, unpacked. */
  readonly out: string;
  readonly done: ExportDone;
}
const test = suite<Setting>('export', {} as Setting);

test.before(async (at) => {
  const village = await makeVillage();
  const running = await village.start();
  const node = await village.node('mat-01');
  await node.join(running.hub.broker, 4);
  const film = await makeFilm(8);
  const started = await node.event(
    'e1',
    'new',
    {},
    { event: { id: 'e1', phase: 'new', trigger: 'panic', level: 'alarm' } },
  );
  const of = { event: 'e1', part: 0, why: 'event' } as const;
  const still = await node.record({ kind: 'still', class: 2, of }, await makeStill(), 'image/jpeg');
  const other = await node.record({ kind: 'vitals', class: 5 }, '{}');
  const made = await makeClip(node, film, 'e1', 0, 8);
  for (const each of [started, still, other, made.clip, ...made.segments.slice(0, 3)]) await node.deliver(each);
  const key = await readSigningKey(readFileSync(village.keys.signingKey, 'utf8'));
  const audit = await openAudit({ disk, dataDir: village.config.dataDir, commune: 'xa-thu', key, wallMs: Date.now });
  const film1 = clipSubject('mat-01', made.clip.boot, made.clip.number);
  await audit.append({ actor: 'officer:binh', action: 'view', subject: film1 });
  await audit.append({ actor: 'officer:binh', action: 'view', subject: 'clip mat-02/000001.0badf00d/1' });
  Object.assign(at, { village, running, node, made, out: join(village.dir, 'out') });
  Object.assign(at, { done: await take(at, { is: 'event', node: 'mat-01', id: 'e1' }, at.out) });
});
test.after(({ village }) => village.remove());

const asked = { case: '12/2026 <Ngã ba chợ>', reason: 'Công an xã yêu cầu', actor: 'officer:an' };

/** The export, unpacked into a folder. */
async function take(
  { village }: Setting,
  of: Parameters<typeof exportBeside>[2]['of'],
  out: string,
): Promise<ExportDone> {
  const opened = await exportBeside(village.config, disk, { ...asked, of }, () => undefined);
  assert.ok(opened.ok);
  const zip = join(village.dir, opened.fileName);
  writeFileSync(zip, Buffer.concat(await opened.stream.toArray()));
  const files = await openZip(zip);
  for (const name of files.names) {
    mkdirSync(join(out, name, '..'), { recursive: true });
    writeFileSync(join(out, name), await files.read(name));
  }
  files.close();
  return await opened.done;
}

/** The steps of `huong-dan-kiem-tra.txt`, as somebody would type them. */
function follow(out: string, key?: string): { said: string; wrong: string[] } {
  const text = readFileSync(join(out, 'huong-dan-kiem-tra.txt'), 'utf8');
  const commands = text.slice(text.indexOf('# --- 0 ---'), text.indexOf('HOW TO CHECK'));
  const run = spawnSync('sh', ['-c', commands], {
    cwd: out,
    encoding: 'utf8',
    env: { ...process.env, KEY: key ?? '' },
  });
  const said = `${run.stdout}${run.stderr}`;
  return { said, wrong: said.split('\n').filter((line) => /SAI|FAILED/.test(line)) };
}

test('it holds films, pictures, originals, keys, log and the sheet, and counts what never came', ({ out, done }) => {
  const names = readdirSync(out).sort();
  const folders = ['chain', 'custody', 'details', 'keys', 'parts', 'records', 'stills', 'video'];
  const papers = ['SHA256SUMS', 'bien-ban.html', 'bien-ban.pdf', 'contents.jws', 'huong-dan-kiem-tra.txt'];
  assert.equal(names, [...folders, ...papers].sort());
  assert.equal([done.records, done.segments, done.clips, done.stills, done.absent, done.damaged], [3, 3, 1, 1, 1, []]);
  const [video = ''] = readdirSync(join(out, 'video'));
  const probe = spawnSync(
    'ffprobe',
    [
      '-v',
      'error',
      '-count_frames',
      '-show_entries',
      'stream=nb_read_frames',
      '-of',
      'csv=p=0',
      join(out, 'video', video),
    ],
    { encoding: 'utf8' },
  );
  assert.is(probe.stdout.trim(), '90', probe.stderr);
});

test('its own steps find nothing wrong, with age where the key is at hand, and each kind of change is found by them', ({
  village,
  out,
}) => {
  const { said, wrong } = follow(out, hasAge ? village.keys.unsealKey : undefined);
  assert.equal(wrong, [], said);
  assert.match(said, /keys\/mat-01\.pub [0-9a-f]{64}/);
  assert.match(said, /segment 000001\.[0-9a-f]{8}\/2 20\d\d-/);
  const [record = ''] = readdirSync(join(out, 'records/mat-01'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.seg'),
  );
  const [still = ''] = readdirSync(join(out, 'stills'));
  const paths = [join('records/mat-01', record), join('stills', still), 'chain/mat-01.jws'];
  const whole = paths.map((path) => readFileSync(join(out, path)));
  for (const [n, path] of paths.entries()) {
    const touched = Buffer.from(whole[n] ?? []);
    touched[touched.length - 40] = (touched[touched.length - 40] ?? 0) ^ 1;
    writeFileSync(join(out, path), touched);
  }
  const found = follow(out).wrong;
  // By the list of hashes, and by what was signed.
  for (const path of paths)
    assert.ok(found.filter((line) => line.includes(path)).length >= 2, `${path}\n${found.join('\n')}`);
  for (const [n, path] of paths.entries()) writeFileSync(join(out, path), whole[n] ?? '');
});

test('the contents are signed by the hub and name every other file', async ({ village, out }) => {
  const key = await readVerifyingKey(readFileSync(village.keys.publicKey, 'utf8'));
  const read = await verify(readFileSync(join(out, 'contents.jws'), 'utf8').trimEnd(), 'matlang-export', key);
  assert.ok(read.ok);
  const contents = exportContentsSchema.parse(read.payload);
  const here = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  assert.is(contents.files.length, here - 1);
  assert.equal(
    contents.clips[0]?.parts.map(({ path }) => path !== null),
    [true, true, true, false],
  );
});

test('the sheet says case, time with its error, hashes and fingerprints, in print too', ({ out }) => {
  const html = readFileSync(join(out, 'bien-ban.html'), 'utf8');
  for (const words of [
    'BIÊN BẢN TRÍCH XUẤT',
    '12/2026 &lt;Ngã ba chợ&gt;',
    'BÁO ĐỘNG, nút báo động',
    'sai số không quá 5 ms',
    '1 phân đoạn',
  ])
    assert.ok(html.includes(words), words);
  const sums = readFileSync(join(out, 'SHA256SUMS'), 'utf8');
  for (const line of sums.split('\n').filter((each) => /video|stills/.test(each)))
    assert.ok(html.includes(line.slice(0, 64)));
  assert.ok(html.includes('officer:binh: xem'), 'who looked at the film');
  const custody = readFileSync(join(out, 'custody/audit.jws'), 'utf8').trim().split('\n');
  assert.is(custody.length, 2, 'the look at this film, and the export');
  const pdf = readFileSync(join(out, 'bien-ban.pdf'));
  assert.is(pdf.subarray(0, 5).toString(), '%PDF-');
});

test('the originals stay under a hold that outlives the hub, and the log tells of case, reason and hash', async ({
  village,
  running,
  made,
  done,
}) => {
  const holds = await openHolds(disk, village.config.dataDir, Date.now);
  const { clip } = made;
  const place = readdirSync(join(village.config.dataDir, 'archive/mat-01', clip.boot)).filter((name) =>
    name.includes('-clip-'),
  );
  const held = { node: 'mat-01', boot: clip.boot, name: place[0] ?? '' };
  assert.ok(await holds.isHeld(held));
  assert.not(await holds.isHeld({ ...held, name: held.name.replace('-clip-', '-still-') }));
  // Mtimes are as fine as the file system's clock.
  await sleep(20);
  const beside = await openHolds(disk, village.config.dataDir, Date.now);
  assert.is((await beside.release(done.hold, 'officer:an', 'xong'))?.released?.reason, 'xong');
  assert.is(await beside.release(done.hold, 'officer:an', 'xong'), undefined);
  assert.not(await holds.isHeld(held));
  const key = await readSigningKey(readFileSync(village.keys.signingKey, 'utf8'));
  const audit = await openAudit({ disk, dataDir: village.config.dataDir, commune: 'xa-thu', key, wallMs: Date.now });
  const [last, first] = await audit.newest(2);
  assert.equal([first?.action, first?.subject, first?.reason], ['export', 'event mat-01/e1', asked.reason]);
  assert.is(last?.details?.sha256, done.sha256);
  assert.ok(running.hub.isConnected());
});

test('a range takes what the node saw in it, and nothing where there was nothing', async (at) => {
  const all = await take(
    at,
    { is: 'range', node: 'mat-01', fromMs: Date.now() - 3_600_000, toMs: Date.now() },
    join(at.village.dir, 'all'),
  );
  assert.equal([all.records, all.segments, all.clips], [3, 3, 1]);
  const none = { is: 'range', node: 'mat-01', fromMs: 0, toMs: 1000 } as const;
  const opened = await exportBeside(at.village.config, disk, { ...asked, of: none }, () => undefined);
  assert.equal(opened, { ok: false, why: 'nothing' });
});

test('what is damaged in the archive is named, and the rest is handed over', async (at) => {
  const { village, made, out } = at;
  const [segment] = made.segments;
  const folder = join(village.config.dataDir, 'archive/mat-01', segment?.boot ?? '');
  const [name = ''] = readdirSync(folder).filter((each) => each.includes('-0000000000-') && each.endsWith('.seg'));
  const bytes = readFileSync(join(folder, name));
  const touched = Buffer.from(bytes);
  touched[touched.length - 1] = (touched[touched.length - 1] ?? 0) ^ 1;
  writeFileSync(join(folder, name), touched);
  const done = await take(at, { is: 'event', id: 'e1' }, `${out}-2`);
  assert.equal(done.damaged, [name]);
  assert.is(done.stills, 1);
  writeFileSync(join(folder, name), bytes);
  rmSync(`${out}-2`, { recursive: true });
});

test.run();
