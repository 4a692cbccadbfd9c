// The costly looks: hashing bytes, finding the end of a manifest, checking a signature. Each gives the same answer for the same input, so
// whoever checks many sets that differ little (a bench) may pass one that remembers.
import { type RecordFile, splitRecordFile } from '../../protocol/record-file.ts';
import { type JwsType, sha256, type Verified, type VerifyingKey, verify } from '../../protocol/sign.ts';

export interface Look {
  hash(bytes: Uint8Array): string;
  split(file: Uint8Array): RecordFile | undefined;
  verify(jws: string, typ: JwsType, key: VerifyingKey): Promise<Verified>;
}

export const freshLook: Look = { hash: sha256, split: splitRecordFile, verify };

/** Bytes are known by being the same object, which nobody changes; texts and keys by what they are. */
export function rememberingLook(): Look {
  const hashes = new WeakMap<Uint8Array, string>();
  const splits = new WeakMap<Uint8Array, RecordFile | undefined>();
  const checked = new Map<VerifyingKey, Map<string, Promise<Verified>>>();
  return {
    hash: (bytes) => {
      const before = hashes.get(bytes);
      if (before !== undefined) return before;
      const hash = sha256(bytes);
      hashes.set(bytes, hash);
      return hash;
    },
    split: (file) => {
      if (!splits.has(file)) splits.set(file, splitRecordFile(file));
      return splits.get(file);
    },
    verify: (jws, typ, key) => {
      const ofKey = checked.get(key) ?? new Map<string, Promise<Verified>>();
      checked.set(key, ofKey);
      const before = ofKey.get(`${typ} ${jws}`);
      if (before !== undefined) return before;
      const now = verify(jws, typ, key);
      if (ofKey.size < rememberedMax) ofKey.set(`${typ} ${jws}`, now);
      return now;
    },
  };
}
const rememberedMax = 20_000;
