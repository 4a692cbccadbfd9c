// A small case as a hub would hand it over: real keys, real signatures, a real film, and the hub's own code for archive, log and export.
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { disk } from '../../../hal/disk.ts';
import { openArchive } from '../../../hub/archive.ts';
import { openAudit } from '../../../hub/audit.ts';
import { openCatalog } from '../../../hub/catalog.ts';
import { readCatalog } from '../../../hub/catalog-read.ts';
import { find } from '../../../hub/clip/boxes.ts';
import { openCounterSigner } from '../../../hub/counter-sign.ts';
import { type KnownKey, readKey } from '../../../hub/custody/keys.ts';
import { examine } from '../../../hub/examine.ts';
import { openExport } from '../../../hub/export/export.ts';
import { openHolds } from '../../../hub/holds.ts';
import { index } from '../../../hub/index-entry.ts';
import { makeHubKeys } from '../../../hub/keys.ts';
import { readIdentity } from '../../../hub/unseal-key.ts';
import type { EventDetails } from '../../../protocol/details.ts';
import type { Manifest, SegmentManifest, SegmentRef } from '../../../protocol/manifest.ts';
import { opener } from '../../../protocol/open.ts';
import { joinRecordFile } from '../../../protocol/record-file.ts';
import { sealer } from '../../../protocol/seal.ts';
import { readSigningKey, readVerifyingKey, sha256, sign } from '../../../protocol/sign.ts';

export interface MadeCase {
  /** The ZIP. */
  readonly path: string;
  /** The hub's data folder. */
  readonly dataDir: string;
  /** The node's and the hub's, as the installation papers would give them. */
  readonly keys: readonly KnownKey[];
  readonly clips: number;
}

const commune = 'xa-thu';
const node = 'mat-01';
const run = promisify(execFile);

/** `clips` of `seconds` each, a segment every two seconds, a still and an event a clip. */
export async function makeCase(dir: string, clips: number, seconds: number): Promise<MadeCase> {
  const dataDir = join(dir, 'data');
  const keysDir = join(dir, 'keys');
  const hub = await makeHubKeys(join(dir, 'hub'));
  await mkdir(keysDir);
  const pair = generateKeyPairSync('ed25519');
  const nodePem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await writeFile(join(keysDir, `${node}.pub`), nodePem);
  const signer = await nodeSigner(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), hub.recipients);
  const signingKey = await readFile(hub.signingKey, 'utf8');
  const key = await readSigningKey(signingKey);
  const archive = await openArchive(disk, dataDir);
  const { catalog } = openCatalog(join(dataDir, 'index.sqlite'));
  const reader = readCatalog(catalog.db);
  const { open } = opener(readIdentity(await readFile(hub.unsealKey, 'utf8')) ?? '');
  const audit = await openAudit({ disk, dataDir, commune, key, wallMs: Date.now });
  const holds = await openHolds(disk, dataDir, Date.now);
  const counterSigner = openCounterSigner(archive, commune, key, Date.now);
  const sender = { commune, node, key: await readVerifyingKey(nodePem) };
  for (const bytes of await recordsOf(signer, clips, await makeFilm(seconds))) {
    const examined = await examine(bytes, sender);
    if (!examined.ok) throw new Error(`a record of the case is refused: ${examined.why}`);
    await archive.put(examined.entry, [examined.body]);
    await counterSigner.sign(examined.entry);
    await index({ archive, catalog, reader, open }, examined.entry);
  }
  await audit.append({ actor: 'officer:an', action: 'view', subject: `event ${node}/e1` });
  const parts = { commune, archive, audit, db: catalog.db, reader, holds, open, keysDir, signingKey, wallMs: Date.now };
  const caCertificate = join(dir, 'none');
  const of = { is: 'range', node, fromMs: 0, toMs: Date.now() + 3_600_000 } as const;
  const asked = { of, case: '12/2026', reason: 'Công an xã yêu cầu', actor: 'officer:an' };
  const opened = await openExport({ ...parts, caCertificate, log: () => undefined }, asked);
  if (!opened.ok) throw new Error(`the case cannot be exported: ${opened.why}`);
  const path = join(dir, opened.fileName);
  await writeFile(path, Buffer.concat(await opened.stream.toArray()));
  await opened.done;
  catalog.close();
  const hubPem = await readFile(hub.publicKey, 'utf8');
  const keys = [await readKey(node, nodePem, 'papers', false), await readKey('hub', hubPem, 'papers', false)];
  return { path, dataDir, keys: keys.filter((each) => each !== undefined), clips };
}

async function makeFilm(seconds: number): Promise<{ init: Uint8Array; fragments: Uint8Array[] }> {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=10', '-t', String(seconds)];
  const code = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '10',
    '-threads',
    '1',
    '-crf',
    '35',
  ];
  const wrap = ['-f', 'mp4', '-movflags', 'frag_keyframe+empty_moov+default_base_moof+skip_trailer', '-'];
  const { stdout } = await run('ffmpeg', [...input, ...code, ...wrap], {
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
  });
  const film = Uint8Array.from(stdout);
  const starts = find(film, ['moof']).map(({ at }) => at);
  const fragments = starts.map((at, place) => film.slice(at, starts[place + 1] ?? film.length));
  return { init: film.slice(0, starts[0] ?? film.length), fragments };
}

type Draft = Pick<Manifest, 'kind' | 'class'> & Partial<Manifest>;
interface Signer {
  record(draft: Draft, plain: Uint8Array | string, type: string): Promise<Uint8Array>;
  segment(
    plain: Uint8Array,
    init: string,
    firstMonoMs: number,
    durationMs: number,
  ): Promise<{ bytes: Uint8Array; ref: SegmentRef }>;
}

async function nodeSigner(pem: string, recipientsPath: string): Promise<Signer> {
  const key = await readSigningKey(pem);
  const seal = sealer((await readFile(recipientsPath, 'utf8')).trim().split('\n'));
  const boot = `000001.${randomBytes(4).toString('hex')}`;
  const chain = { seq: 0, seg: 0, prev: null as string | null };
  const startMs = Date.now() - 600_000;
  const config = '0'.repeat(64);
  return {
    record: async (draft, plain, type) => {
      const sealed = seal.seal(Buffer.from(plain));
      const body = { bytes: sealed.length, sha256: sha256(sealed), plainSha256: sha256(Buffer.from(plain)), type };
      const time = { monoMs: chain.seq * 1000, wallMs: startMs + chain.seq * 1000, clock: 'ntp', errorMs: 8 } as const;
      const of = { v: 1, commune, node, boot, seq: chain.seq, prev: chain.prev } as const;
      const manifest: Manifest = { ...of, time, ...draft, body, config, release: '0.1.0' };
      const jws = await sign(JSON.stringify(manifest), 'matlang-record', `node:${commune}/${node}`, key);
      chain.seq += 1;
      chain.prev = sha256(jws);
      return joinRecordFile(jws, sealed);
    },
    segment: async (plain, init, firstMonoMs, durationMs) => {
      const body = seal.seal(plain);
      const hashes = { sealedSha256: sha256(body), plainSha256: sha256(plain), bytes: body.length };
      const ref: SegmentRef = { boot, seg: chain.seg++, ...hashes, firstMonoMs, durationMs };
      const wallMs = startMs + firstMonoMs;
      const manifest: SegmentManifest = { ...ref, v: 1, kind: 'segment', commune, node, init, fragments: 2, wallMs };
      const jws = await sign(JSON.stringify(manifest), 'matlang-segment', `node:${commune}/${node}`, key);
      return { bytes: joinRecordFile(jws, body), ref };
    },
  };
}

async function recordsOf(
  signer: Signer,
  clips: number,
  film: { init: Uint8Array; fragments: Uint8Array[] },
): Promise<Uint8Array[]> {
  const made: Uint8Array[] = [];
  const json = 'application/json';
  for (let clip = 1; clip <= clips; clip++) {
    const id = `e${clip}`;
    const told = { id, trigger: 'motion', level: 'event' } as const;
    const details: EventDetails = {
      ...{ ...told, firstMonoMs: 1000, lastMonoMs: 4200, peakShare: 0.04, boxes: [], zones: ['Cổng làng'] },
      reason: 'Vật thể 4 % hình, đi 0,3 hình',
    };
    const text = JSON.stringify(details);
    made.push(await signer.record({ kind: 'event', class: 1, event: { ...told, phase: 'new' } }, text, json));
    const of = { event: id, part: 0, why: 'event' } as const;
    made.push(await signer.record({ kind: 'still', class: 2, of }, randomBytes(20_000), 'image/jpeg'));
    // Between two of the case lies something that is not of the case.
    made.push(await signer.record({ kind: 'vitals', class: 5 }, '{}', json));
    const refs: SegmentRef[] = [];
    for (let at = 0; at < film.fragments.length; at += 2) {
      const plain = Buffer.concat(film.fragments.slice(at, at + 2));
      const { bytes, ref } = await signer.segment(plain, sha256(film.init), clip * 60_000 + at * 1000, 2000);
      made.push(bytes);
      refs.push(ref);
    }
    const whole = { segments: refs, init: sha256(film.init), complete: true, last: true };
    made.push(await signer.record({ kind: 'clip', class: 4, of, ...whole }, film.init, 'video/mp4'));
    made.push(await signer.record({ kind: 'event', class: 1, event: { ...told, phase: 'end' } }, text, json));
  }
  return made;
}
