// A card that is full, read-only, damaged or littered: told, and the rest goes on.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { until } from '../support/until.ts';
import { type Case, faultsAtHub, hasPicture, inPhase, standing, startAll, stillDelivers, tryAll } from './at-work.ts';
import { makeReadOnly, noMounts, smallCard } from './card.ts';
import { logged, namesIn, type Rig } from './rig.ts';

const cases: readonly Case[] = [
  {
    name: 'a data folder that becomes read-only: a fault in the vitals, an alarm reaches the hub in ten seconds, and recording begins again by itself',
    body: async (rig) => {
      const node = await startAll(rig);
      await until('the picture', () => hasPicture(node), 20_000);
      // While something happens segments are short.
      await rig.press();
      await until('footage', async () => (await namesIn(join(rig.node.dir, 'ring'))).length > 0, 30_000);
      const mend = makeReadOnly(rig.node.dir);
      try {
        await standing(node, noMounts === undefined ? /card-read-only/ : /card-/, /EROFS|EACCES|read-only|permission/);
        const analysed = () => node.vitals()?.counts?.framesAnalysed ?? 0;
        const had = analysed();
        await until('more pictures', () => analysed() > had, 15_000);
        await alarmWithin(rig, 10_000);
      } finally {
        mend();
      }
      const ring = () => namesIn(join(rig.node.dir, 'ring'));
      const had = (await ring()).length;
      await until('footage again', async () => (await ring()).length > had, 30_000);
      await stillDelivers(rig, node);
      await until(
        'the end of the fault',
        () => !node.vitals()?.faults?.some(({ code }) => code.startsWith('card-')),
        15_000,
      );
    },
  },
  {
    name: 'a data folder that is read-only from the start: told, an alarm reaches the hub all the same, and recording begins when it can be written',
    body: async (rig) => {
      const mend = makeReadOnly(rig.node.dir);
      let mended = false;
      try {
        const node = await startAll(rig);
        await standing(node, noMounts === undefined ? /card-read-only/ : /card-/, /EROFS|EACCES/);
        await until('the picture', () => hasPicture(node), 20_000);
        await alarmWithin(rig, 10_000);
        mend();
        mended = true;
        await until('the picture', () => hasPicture(node), 20_000);
        await stillDelivers(rig, node);
        await until(
          'the end of the fault',
          () => !node.vitals()?.faults?.some(({ code }) => code.startsWith('card-')),
          15_000,
        );
      } finally {
        if (!mended) mend();
      }
    },
  },
  {
    name: 'a full card: the oldest footage goes, alarms that wait stay, the fault is told, recording goes on',
    skip: noMounts,
    rules: {
      mount: (nodeDir) => smallCard(nodeDir, 6),
      config: { storage: { ringMiB: 8, spoolMiB: 8, keepFreeMiB: 1 } },
    },
    body: fullCard,
  },
  {
    name: 'a waiting record with one bit flipped: set aside, told to the hub, the others delivered',
    body: async (rig) => {
      await rig.hub();
      const recorder = rig.recorder();
      await until('the picture', () => hasPicture({ recorder }), 20_000);
      await rig.press();
      const waiting = join(rig.node.dir, 'spool/0');
      // The second may be the end of the event, which comes when the street is still.
      await until('its two records', async () => (await wholeIn(waiting)).length >= 2, 30_000);
      const [name = ''] = await wholeIn(waiting);
      const bytes = readFileSync(join(waiting, name));
      bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 0x10;
      writeFileSync(join(waiting, name), bytes);
      const uplink = rig.uplink();
      await until(
        'the fault at the hub',
        () => faultsAtHub(rig).some(({ code, text }) => code === 'spool-damaged' && text.includes(name)),
        20_000,
      );
      assert.equal(await namesIn(join(rig.node.dir, 'quarantine')), [name]);
      await stillDelivers(rig, { recorder, uplink });
      assert.not(rig.atHub().some((found) => found.name === name));
      assert.is((await rig.summary()).rejected, 0);
    },
  },
  {
    name: 'garbage files in every folder of the spool: what looks like a record is set aside, the rest is left alone',
    body: async (rig) => {
      for (const folder of ['spool/0', 'spool/1', 'spool/3', 'spool/5', 'ring', 'delivered', 'init', 'quarantine'])
        litter(join(rig.node.dir, folder));
      const node = await startAll(rig);
      await until('the picture', () => hasPicture(node), 20_000);
      await stillDelivers(rig, node);
      await until('the fault at the hub', () => faultsAtHub(rig).some(({ code }) => code === 'spool-damaged'), 20_000);
      const boots = new Set(rig.atHub().map(({ manifest }) => String(manifest.boot).slice(0, 6)));
      assert.equal([...boots], ['000008']);
      await node.recorder.kill('SIGTERM');
      const again = rig.recorder();
      await until('the picture', () => hasPicture({ recorder: again }), 20_000);
      await stillDelivers(rig, { recorder: again, uplink: node.uplink });
    },
  },
];

/** Pressed now, at the hub in time: whatever the card does. */
async function alarmWithin(rig: Rig, ms: number): Promise<void> {
  await until('quiet', () => inPhase(rig, 'new') <= inPhase(rig, 'end'), 20_000);
  const before = inPhase(rig, 'new');
  const pressedMs = performance.now();
  await rig.press();
  await until('the alarm at the hub', () => inPhase(rig, 'new') > before, ms);
  process.stdout.write(`the alarm was at the hub ${Math.round(performance.now() - pressedMs)} ms after the button\n`);
}

/** A draft is not yet a record: it takes its name when it is whole. */
const wholeIn = async (folder: string) => (await namesIn(folder)).filter((name) => !name.endsWith('.draft'));

/** Names as nobody would make them, and names as we make them with nothing of ours behind them. */
function litter(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const name = (seq: number, boot = '000007.0badf00d') =>
    `${boot}-${String(seq).padStart(10, '0')}-event-0123456789abcdef.rec`;
  writeFileSync(join(folder, 'ghi chú.txt'), 'xin chào');
  writeFileSync(join(folder, '.hidden'), randomBytes(50));
  writeFileSync(join(folder, `${'a'.repeat(240)}.rec`), '');
  writeFileSync(join(folder, name(1)), '');
  writeFileSync(join(folder, name(2)), randomBytes(70_000));
  writeFileSync(join(folder, name(3)), `${'a'.repeat(600_000)}\n`);
  writeFileSync(join(folder, name(4)), 'eyJhbGciOiJub25lIn0.e30.\nbody');
  writeFileSync(join(folder, '000007.0badf00d-0000000005-000000001000-02000-0123456789abcdef.seg'), randomBytes(3000));
  mkdirSync(join(folder, name(6)));
  symlinkSync('/etc/passwd', join(folder, name(7)));
  symlinkSync('/nowhere', join(folder, name(8)));
}

/** Footage of an earlier start, as far as its names and its size matter. */
function oldFootage(ring: string): string[] {
  mkdirSync(ring, { recursive: true });
  const names = [0, 1, 2].map((seg) => `000001.0badf00d-000000000${seg}-0000000${seg}0000-10000-0123456789abcdef.seg`);
  for (const name of names) writeFileSync(join(ring, name), randomBytes(1024 * 1024));
  return names;
}

async function fullCard(rig: Rig): Promise<void> {
  const [ring, alarm] = [join(rig.node.dir, 'ring'), join(rig.node.dir, 'spool/0')];
  const old = oldFootage(ring);
  const recorder = rig.recorder();
  await until('the picture', () => hasPicture({ recorder }), 20_000);
  await rig.press();
  await until(
    'an alarm and some footage',
    async () => (await namesIn(alarm)).length > 1 && (await namesIn(ring)).length > 4,
    30_000,
  );
  const kept = await wholeIn(alarm);
  fill(join(rig.node.dir, 'ballast'));
  const before = await namesIn(ring);
  await until('the fault', () => logged(recorder, 'fault').some(({ code }) => code === 'card-full'), 15_000);
  await until('newer footage', async () => (await namesIn(ring)).some((name) => !before.includes(name)), 15_000);
  const left = await namesIn(ring);
  assert.not(left.includes(old[0] ?? ''), 'the oldest footage is still there');
  assert.equal(
    kept.filter((name) => !readdirSync(alarm).includes(name)),
    [],
  );
  await rig.hub();
  const uplink = rig.uplink();
  await until('the first alarm', () => kept.every((name) => rig.atHub().some((found) => found.name === name)), 20_000);
  await stillDelivers(rig, { recorder, uplink });
  await until('the fault at the hub', () => faultsAtHub(rig).some(({ code }) => code === 'card-full'));
}

/** Writes until there is no room at all. */
function fill(path: string): void {
  const block = Buffer.alloc(64 * 1024);
  try {
    for (let n = 0; n < 10_000; n += 1) writeFileSync(path, block, { flag: 'a' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

tryAll('card', cases);
