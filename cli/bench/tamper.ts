// `matlang bench tamper`: random edits to a real export, each of which must be found and named; the untouched set must always pass.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge, type Verdict } from '../../hub/custody/custody.ts';
import { type KeyRing, keyRing } from '../../hub/custody/keys.ts';
import { type Look, rememberingLook } from '../../hub/custody/look.ts';
import { readSigningKey } from '../../protocol/sign.ts';
import { openZip } from '../verify/zip.ts';
import type { BenchResult } from './figures.ts';
import { type Dice, edits, type FileSet } from './tamper/edits.ts';
import { makeCase } from './tamper/make.ts';

export interface TamperBenchOptions {
  readonly edits?: number;
}

const editsDefault = 20_000;
/** The untouched set, anew, after so many edits. */
const controlEvery = 500;
const clips = 2;
const secondsPerClip = 8;

export async function benchTamper(progress: (line: string) => void, options: TamperBenchOptions): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), 'matlang-tamper-'));
  try {
    progress('making an export');
    const made = await makeCase(dir, clips, secondsPerClip);
    const keys = keyRing(made.keys);
    const whole = await timeWhole(made.path, keys);
    const seed = Date.now() % 2 ** 32;
    const tried = await tryEdits(whole.files, keys, options.edits ?? editsDefault, diceOf(seed), progress);
    const figures = {
      edits: tried.edits,
      missed: tried.missed.length,
      unnamed: tried.unnamed.length,
      falseAlarms: tried.falseAlarms + (whole.verdict.ok ? 0 : 1),
      controls: tried.controls,
      msPerClip: Number((whole.ms / clips).toFixed(1)),
      msPerEdit: Number(tried.msPerEdit.toFixed(2)),
    };
    return {
      figures,
      targets: { missed: { max: 0 }, unnamed: { max: 0 }, falseAlarms: { max: 0 }, msPerClip: { max: 1000 } },
      peers: {},
      details: [
        ...Object.entries(tried.byKind).map(([edit, count]) => ({ edit, count })),
        { seed, files: whole.files.size },
        ...[...tried.missed, ...tried.unnamed].slice(0, 20).map((what) => ({ what })),
      ],
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** As `matlang verify` does it: out of the ZIP, nothing remembered. */
async function timeWhole(path: string, keys: KeyRing): Promise<{ files: FileSet; verdict: Verdict; ms: number }> {
  const zip = await openZip(path);
  try {
    const startMs = performance.now();
    const verdict = await judge(zip, keys);
    const ms = performance.now() - startMs;
    const files = new Map<string, Uint8Array>();
    for (const name of zip.names) files.set(name, Uint8Array.from(await zip.read(name)));
    return { files, verdict, ms };
  } finally {
    zip.close();
  }
}

interface Tried {
  readonly edits: number;
  readonly missed: string[];
  /** Found, but no finding names a file that was touched. */
  readonly unnamed: string[];
  readonly falseAlarms: number;
  readonly controls: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly msPerEdit: number;
}

async function tryEdits(
  files: FileSet,
  keys: KeyRing,
  count: number,
  dice: Dice,
  progress: (line: string) => void,
): Promise<Tried> {
  const stranger = await readSigningKey(
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  const kinds = Object.entries(edits);
  const byKind: Record<string, number> = {};
  const [missed, unnamed]: [string[], string[]] = [[], []];
  let [falseAlarms, controls, done] = [0, 0, 0];
  // What an edit leaves alone is looked at once; what it touches, each time.
  const look = rememberingLook();
  const startMs = performance.now();
  while (done < count) {
    const [kind, edit] = kinds[dice(kinds.length)] ?? [];
    const edited = await edit?.(files, dice, stranger);
    if (kind === undefined || edited === undefined) continue;
    done += 1;
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    const verdict = await judgeSet(edited.files, keys, look);
    const what = `${kind} ${edited.touched.join(' ')}`;
    if (verdict.ok) missed.push(what);
    else if (!verdict.wrong.some(({ place }) => edited.touched.some((name) => place.startsWith(name))))
      unnamed.push(what);
    if (done % controlEvery === 0) {
      controls += 1;
      if (!(await judgeSet(files, keys, undefined)).ok) falseAlarms += 1;
    }
    if (done % 2000 === 0) progress(`${done} of ${count} edits, ${missed.length} missed`);
  }
  return {
    edits: done,
    missed,
    unnamed,
    falseAlarms,
    controls,
    byKind,
    msPerEdit: (performance.now() - startMs) / done,
  };
}

function judgeSet(files: FileSet, keys: KeyRing, look: Look | undefined): Promise<Verdict> {
  const read = async (name: string) => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new Error(`${name} is not in the set`);
    return bytes;
  };
  return judge({ names: [...files.keys()], read }, keys, look === undefined ? {} : { look });
}

/** mulberry32: the same edits for the same seed. */
function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
