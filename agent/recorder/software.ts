// Where this node's software stands, as the launcher has it in state.json (ota/trial.ts) and the update service in update.json of the run folder (ota/told.ts): for vitals and lamp.
// A release that was taken back or refused is told to the hub once, with the reasons. What the hub wishes for is laid where the update service looks.
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Disk } from '../../hal/ports.ts';
import type { FaultDetails } from '../../protocol/details.ts';
import type { Stamp } from '../../protocol/manifest.ts';
import { sha256 } from '../../protocol/sign.ts';
import { type LedUpdate, ledUpdate } from '../core/led.ts';
import { unlessGone } from '../gone.ts';
import type { Spool } from '../spool.ts';
import { writeDurable } from '../write-durable.ts';

export interface Standing {
  readonly onTrial: boolean;
  readonly back: { readonly release: string; readonly why: string } | null;
  /** The newest word about an update. */
  readonly last?: { readonly is: Told['is']; readonly release: string; readonly why: string };
}
export interface Software {
  /** Undefined where nothing is updated (a checkout). Never throws. */
  look(): Promise<Standing | undefined>;
  /** What the lamp should say now, as long as somebody may be looking at it. Never throws. */
  lamp(): Promise<LedUpdate | undefined>;
  /** For the hub, in words. */
  say(): Promise<Answered>;
  /** This release is to be fetched and installed. */
  want(release: string | undefined): Promise<Answered>;
}
type Answered =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: 'cannot'; readonly text: string };
export interface SoftwareWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly runDir: string;
  /** Where releases are installed; undefined in a checkout. */
  readonly updateRoot: string | undefined;
  /** What this recorder runs. */
  readonly release: string;
  readonly append: Spool['append'];
  readonly now: () => Stamp;
}

/** A newer launcher may write more. */
const stateSchema = z.looseObject({
  name: z.string(),
  release: z.string().nullable().optional(),
  back: z.looseObject({ release: z.string(), whys: z.array(z.string()), log: z.string().optional() }).optional(),
});
const toldSchema = z.looseObject({
  is: z.enum(['accepted', 'refused', 'done']),
  release: z.string().max(64),
  why: z.string().max(64),
  text: z.string().max(500),
});
type Told = z.infer<typeof toldSchema>;
/** A technician who has put a stick in looks at the lamp for a while; installing takes some minutes at most. */
const shownMsMax = { accepted: 1_200_000, refused: 600_000, done: 600_000 } as const;
const releaseSchema = z.string().regex(/^[a-z0-9][a-z0-9.+-]{0,63}$/);
const textMax = 2000;
const whyMax = 500;

export function openSoftware({ disk, dataDir, runDir, updateRoot, release, append, now }: SoftwareWorld): Software {
  const notePath = join(dataDir, 'update-told');
  const toldPath = join(runDir, 'update.json');
  const wishPath = join(runDir, 'update-wanted');
  let told: string | undefined;
  let refusedMs: number | undefined;

  const readTold = async (): Promise<{ readonly told: Told; readonly atMs: number } | undefined> => {
    try {
      const { mtimeMs } = await stat(toldPath);
      const read = toldSchema.safeParse(JSON.parse(await readFile(toldPath, 'utf8'))).data;
      return read === undefined ? undefined : { told: read, atMs: mtimeMs };
    } catch {
      return undefined;
    }
  };
  const tellRefused = async ({ release, why, text }: Told, atMs: number): Promise<void> => {
    // Once for each time that it was; a recorder that starts again may say it again.
    if (refusedMs === atMs) return;
    const details: FaultDetails = { code: 'update-refused', standing: false, text: `${release}: ${why}: ${text}` };
    const body = { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' };
    if ((await append({ kind: 'fault', class: 1, time: now(), body })).ok) refusedMs = atMs;
  };

  const tell = async (back: NonNullable<z.infer<typeof stateSchema>['back']>): Promise<void> => {
    const id = sha256(JSON.stringify(back));
    told ??= Buffer.from((await unlessGone(disk.read(notePath))) ?? []).toString('utf8');
    if (told === id) return;
    const text = [`${back.release}: ${back.whys.join(' · ')}`, back.log ?? ''].join('\n').trim();
    const details: FaultDetails = { code: 'update-returned', standing: false, text: text.slice(0, textMax) };
    const body = { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' };
    const stored = await append({ kind: 'fault', class: 1, time: now(), body });
    if (!stored.ok) return;
    // After the record: a cut in between tells it twice.
    told = id;
    await writeDurable(disk, notePath, Buffer.from(id));
  };

  return {
    look: async () => {
      if (updateRoot === undefined) return undefined;
      try {
        const state = stateSchema.safeParse(JSON.parse(await readFile(join(updateRoot, 'state.json'), 'utf8'))).data;
        if (state === undefined) return undefined;
        const { back } = state;
        if (back !== undefined) await tell(back);
        const last = await readTold();
        if (last?.told.is === 'refused') await tellRefused(last.told, last.atMs);
        return {
          // Also while the launcher takes it back: whoever is about to be stopped must not be counted as kept.
          onTrial: state.name !== 'steady' || state.release !== release,
          back: back === undefined ? null : { release: back.release, why: back.whys.join(' · ').slice(0, whyMax) },
          ...(last === undefined ? {} : { last: { is: last.told.is, release: last.told.release, why: last.told.why } }),
        };
      } catch {
        // No state yet, or a card that does not let the note be written: told again at the next look.
        return undefined;
      }
    },
    lamp: async () => {
      const last = updateRoot === undefined ? undefined : await readTold();
      if (last === undefined || Date.now() - last.atMs > shownMsMax[last.told.is]) return undefined;
      return ledUpdate(last.told.is, last.told.why);
    },
    say: async () => {
      if (updateRoot === undefined) return cannot;
      const state = await readFile(join(updateRoot, 'state.json'), 'utf8').catch(() => 'no state yet');
      return { ok: true, text: state.replace(/\s+/g, ' ').slice(0, 400) };
    },
    want: async (release) => {
      if (updateRoot === undefined) return cannot;
      const named = releaseSchema.safeParse(release);
      if (!named.success) return { ok: false, why: 'cannot', text: 'a release must be named' };
      await writeFile(`${wishPath}.new`, named.data);
      await rename(`${wishPath}.new`, wishPath);
      return { ok: true, text: `${named.data} will be fetched` };
    },
  };
}

const cannot = { ok: false, why: 'cannot', text: 'this node runs from a checkout: nothing is updated here' } as const;
