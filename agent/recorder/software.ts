// Where this node's software stands, as the launcher has it in state.json (ota/trial.ts): for the vitals, and a release that was taken back is told to the hub once, with the
// reasons and the last lines that it wrote.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Disk } from '../../hal/ports.ts';
import type { FaultDetails } from '../../protocol/details.ts';
import type { Stamp } from '../../protocol/manifest.ts';
import { sha256 } from '../../protocol/sign.ts';
import { unlessGone } from '../gone.ts';
import type { Spool } from '../spool.ts';
import { writeDurable } from '../write-durable.ts';

export interface Standing {
  readonly onTrial: boolean;
  readonly back: { readonly release: string; readonly why: string } | null;
}
export interface Software {
  /** Undefined where nothing is updated (a checkout). Never throws. */
  look(): Promise<Standing | undefined>;
}
export interface SoftwareWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  /** Where releases are installed; undefined in a checkout. */
  readonly updateRoot: string | undefined;
  readonly append: Spool['append'];
  readonly now: () => Stamp;
}

/** A newer launcher may write more. */
const stateSchema = z.looseObject({
  name: z.string(),
  back: z.looseObject({ release: z.string(), whys: z.array(z.string()), log: z.string().optional() }).optional(),
});
const textMax = 2000;
const whyMax = 500;

export function openSoftware({ disk, dataDir, updateRoot, append, now }: SoftwareWorld): Software {
  const notePath = join(dataDir, 'update-told');
  let told: string | undefined;

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
        return {
          onTrial: state.name === 'trial' || state.name === 'proving',
          back: back === undefined ? null : { release: back.release, why: back.whys.join(' · ').slice(0, whyMax) },
        };
      } catch {
        // No state yet, or a card that does not let the note be written: told again at the next look.
        return undefined;
      }
    },
  };
}
