// What lies on a node's card, opened: for tests that look at the outcome.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folders } from '../../agent/outbox.ts';
import {
  drainClasses,
  type Manifest,
  manifestSchema,
  type SegmentManifest,
  segmentManifestSchema,
} from '../../protocol/manifest.ts';
import { splitRecordFile } from '../../protocol/record-file.ts';
import { verify } from '../../protocol/sign.ts';
import type { TestNode } from '../support/node-identity.ts';

export interface OpenedRecord {
  readonly manifest: Manifest;
  readonly plain: Buffer;
}

/** All records that wait, oldest first, each verified and unsealed. */
export async function recordsOf(node: TestNode): Promise<OpenedRecord[]> {
  const opened: OpenedRecord[] = [];
  for (const drainClass of drainClasses) {
    const folder = folders(node.dataDir).waiting(drainClass);
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.rec')) continue;
      const file = splitRecordFile(await readFile(join(folder, name)));
      const checked = await verify(file?.jws ?? '', 'matlang-record', node.verifyingKey);
      if (!checked.ok || file === undefined) throw new Error(`${name} does not verify`);
      const manifest = manifestSchema.parse(checked.payload);
      opened.push({
        manifest,
        plain: manifest.body === undefined ? Buffer.alloc(0) : Buffer.from(await node.open(file.body)),
      });
    }
  }
  return opened.sort((one, other) =>
    one.manifest.boot < other.manifest.boot
      ? -1
      : one.manifest.boot > other.manifest.boot
        ? 1
        : one.manifest.seq - other.manifest.seq,
  );
}

export interface OpenedSegment {
  readonly manifest: SegmentManifest;
  readonly plain: Buffer;
}

/** The segments below one folder by their number, each verified and unsealed. */
export async function segmentsIn(node: TestNode, folder: string): Promise<Map<number, OpenedSegment>> {
  const found = new Map<number, OpenedSegment>();
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.seg')) continue;
    const file = splitRecordFile(await readFile(join(folder, name)));
    const checked = await verify(file?.jws ?? '', 'matlang-segment', node.verifyingKey);
    if (!checked.ok || file === undefined) throw new Error(`${name} does not verify`);
    const manifest = segmentManifestSchema.parse(checked.payload);
    found.set(manifest.seg, { manifest, plain: Buffer.from(await node.open(file.body)) });
  }
  return found;
}
