// Writes what a recorder would have written: events, clips and their segments, signed, sealed and chained, into a staged node's spool.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSigner } from '../../../agent/identity.ts';
import { type LocalServer, localPath, serveLocal } from '../../../agent/local.ts';
import { draftOf, folders } from '../../../agent/outbox.ts';
import { resend } from '../../../agent/recorder/resend.ts';
import { openRoom } from '../../../agent/recorder/room.ts';
import { leaveRunDir, runDir } from '../../../agent/run-dir.ts';
import { keyId, type Maker, openSpool } from '../../../agent/spool.ts';
import { disk } from '../../../hal/disk.ts';
import type { Disk } from '../../../hal/ports.ts';
import type { Command } from '../../../protocol/command.ts';
import type { DrainClass, Level, SegmentManifest, SegmentRef } from '../../../protocol/manifest.ts';
import { joinRecordFile, parseFileName, segmentFileName } from '../../../protocol/record-file.ts';
import { sha256, sign } from '../../../protocol/sign.ts';
import { demoCommune, type StagedNode } from '../../demo/stage.ts';

export interface Written {
  readonly name: string;
  readonly class: DrainClass;
  /** Bytes of its sealed body. */
  readonly bodyBytes: number;
}

export interface Author {
  readonly node: StagedNode;
  readonly boot: string;
  readonly written: readonly Written[];
  event(level: Level): Promise<Written>;
  /** A record without a body: the smallest there is. */
  bare(): Promise<Written>;
  segment(drainClass: 3 | 4, bytes: number): Promise<SegmentRef>;
  /** Names segments written before. */
  clip(segments: readonly SegmentRef[]): Promise<Written>;
  /** As the recorder does when it has written something urgent. */
  ring(drainClass: DrainClass): void;
  /** As the recorder does on a card on which the spool may have so many bytes. */
  makeRoom(spoolBytesMax: number): Promise<void>;
  /** Names that the hub has signed for and the card still has. */
  delivered(): Promise<string[]>;
  close(): Promise<void>;
}

/** Details of an event with a box or two. */
const eventBytes = 600;
const init = '0'.repeat(64);

const noTroubles = {
  raise: (_code: string, text: string) => {
    throw new Error(text);
  },
  over: () => undefined,
  note: () => undefined,
  standing: () => [],
  count: () => 0,
};

/** Writes without flushing: a bench may lose its own spool. */
export const hasty: Disk = {
  ...disk,
  syncFolder: async () => undefined,
  create: async (path) => ({ ...(await disk.create(path)), sync: async () => undefined }),
};

export async function openAuthor(node: StagedNode): Promise<Author> {
  const identityDir = join(node.dir, 'identity');
  const { signingKey, sealer } = await readSigner(disk, identityDir);
  const config = '0'.repeat(64);
  const maker: Maker = { commune: demoCommune, node: node.id, config, release: 'bench', signingKey, sealer };
  const spool = await openSpool(hasty, node.dir, identityDir, maker);
  const at = folders(node.dir);
  const stop = new AbortController();
  const ring = (drainClass: DrainClass) => local.tell({ is: 'doorbell', class: drainClass });
  const local: LocalServer = serveLocal(
    localPath(runDir(node.dir)),
    {
      heard: (message) => {
        if (message.is === 'command' && message.command.name === 'resend') void sendAgain(message.command);
      },
    },
    stop.signal,
  );
  const sendAgain = async ({ id, args }: Extract<Command, { name: 'resend' }>) => {
    const { text, files } = await resend({ disk: hasty, dataDir: node.dir, ring, log: () => undefined }, args);
    local.tell({ is: 'reply', reply: { v: 1, id, ok: true, text, files } });
  };
  const written: Written[] = [];
  const count = { seg: 0, events: 0 };
  const now = () => ({
    monoMs: Math.round(performance.now()),
    wallMs: Date.now(),
    clock: 'ntp' as const,
    errorMs: 500,
  });

  const append = async (draft: Parameters<typeof spool.append>[0]): Promise<Written> => {
    const stored = await spool.append(draft);
    if (!stored.ok) throw new Error(`the spool does not take it: ${stored.why}`, { cause: stored.cause });
    const { name, manifest } = stored;
    const one = { name, class: manifest.class, bodyBytes: manifest.body?.bytes ?? 0 };
    written.push(one);
    return one;
  };

  return {
    node,
    boot: spool.boot,
    written,
    event: async (level) => {
      const drainClass = level === 'alarm' ? 0 : 1;
      const id = `${spool.boot}-e${count.events++}`;
      return await append({
        kind: 'event',
        class: drainClass,
        time: now(),
        event: { id, phase: 'new', trigger: level === 'alarm' ? 'panic' : 'motion', level },
        body: { plain: detailsOf(id, level), type: 'application/json' },
      });
    },
    bare: () => append({ kind: 'log', class: 5, time: now() }),
    segment: async (drainClass, bytes) => {
      const sealed = randomBytes(bytes);
      const seg = count.seg++;
      const ref: SegmentRef = {
        ...{ boot: spool.boot, seg, sealedSha256: sha256(sealed), plainSha256: init },
        ...{ bytes, firstMonoMs: seg * 2000, durationMs: 2000 },
      };
      const manifest: SegmentManifest = {
        ...{ v: 1, kind: 'segment', commune: demoCommune, node: node.id, ...ref, init, fragments: 2 },
        wallMs: Date.now(),
      };
      const jws = await sign(JSON.stringify(manifest), 'matlang-segment', keyId(maker), signingKey);
      const name = segmentFileName({ ...manifest, sha256: sha256(jws) });
      const path = join(at.waiting(drainClass), name);
      await writeFile(draftOf(path), joinRecordFile(jws, sealed));
      await hasty.rename(draftOf(path), path);
      written.push({ name, class: drainClass, bodyBytes: bytes });
      return ref;
    },
    clip: (segments) =>
      append({
        kind: 'clip',
        class: 1,
        time: now(),
        of: { part: 0, why: 'event' },
        segments: [...segments],
        init,
        complete: true,
        last: true,
      }),
    ring,
    makeRoom: (spoolBytesMax) => {
      const rules = { ringBytesMax: 0, spoolBytesMax, keepFreeBytes: 0, hardFreeBytes: 0 };
      const onCard = () => Promise.resolve(true);
      return openRoom(hasty, node.dir, spool, rules, noTroubles, now, () => false, onCard).make();
    },
    delivered: async () => (await disk.list(at.delivered)).filter((name) => parseFileName(name) !== undefined),
    close: async () => {
      stop.abort();
      await local.ended;
      leaveRunDir(node.dir, true);
    },
  };
}

function detailsOf(id: string, level: Level): Uint8Array {
  const details = {
    ...{ id, trigger: level === 'alarm' ? 'panic' : 'motion', level, firstMonoMs: 1000, lastMonoMs: 4000 },
    ...{ peakShare: 0.04, boxes: [], zones: ['Cổng làng'] },
    reason: randomBytes(eventBytes / 3).toString('hex'),
  };
  return Buffer.from(JSON.stringify(details));
}
