// Commands from the hub. The uplink has checked signature, audience, expiry and repetition; what is asked for is checked here.
import type { Disk, PinsOpened } from '../../hal/ports.ts';
import type { Stamp } from '../../protocol/manifest.ts';
import type { Command, Reply } from '../../protocol/receipt.ts';
import type { Log } from '../log.ts';
import type { Spool } from '../spool.ts';
import { lookBack } from './look-back.ts';
import type { Outputs, SounderName } from './outputs.ts';
import type { Pinned } from './pinned.ts';
import type { Stills } from './stills.ts';

export interface CommandWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly spool: Spool;
  readonly pinned: Pinned;
  readonly stills: Stills;
  readonly pins: PinsOpened;
  readonly lampPin: number | null;
  readonly outputs: Pick<Outputs, 'sound'>;
  readonly now: () => Stamp;
  readonly log: Log;
}

export interface Commands {
  /** Always answers, also to what cannot be done. */
  obey(command: Command): Promise<Reply>;
}

export function openCommands(world: CommandWorld): Commands {
  const perform = async ({ id, name, args }: Command): Promise<{ ok: boolean; text: string }> => {
    switch (name) {
      case 'snapshot':
        world.stills.wish({ why: 'command', id, fromMonoMs: world.now().monoMs });
        return { ok: true, text: 'a still is on its way' };
      case 'lookback':
        return lookBack(world, id, Number(args.fromMs), Number(args.toMs));
      case 'lamp':
        return lamp(world, args.on === true);
      case 'siren':
      case 'strobe':
        return sound(world, name, args);
    }
  };
  return {
    obey: async (command) => {
      world.log('info', 'command', { id: command.id, name: command.name });
      const outcome = await perform(command).catch((error: unknown) => ({ ok: false, text: String(error) }));
      return { v: 1, id: command.id, ok: outcome.ok, text: outcome.text.slice(0, 500) };
    },
  };
}

async function lamp(world: CommandWorld, on: boolean): Promise<{ ok: boolean; text: string }> {
  if (world.lampPin === null) return { ok: false, text: 'this node has no lamp (pins.lampPin is not set)' };
  if (!world.pins.ok) return { ok: false, text: `the lamp cannot be switched: ${world.pins.text}` };
  await world.pins.pins.set(world.lampPin, on);
  return { ok: true, text: on ? 'lamp on' : 'lamp off' };
}

/** `args.on` true or false, `args.seconds` how long; the configuration's own limit stands above it. */
function sound(world: CommandWorld, name: SounderName, args: Command['args']): { ok: boolean; text: string } {
  if (!world.pins.ok) return { ok: false, text: `the ${name} cannot be switched: ${world.pins.text}` };
  const { monoMs } = world.now();
  const seconds = typeof args.seconds === 'number' ? args.seconds : Number.POSITIVE_INFINITY;
  const state = world.outputs.sound(
    name,
    args.on === true ? { is: 'on', monoMs, forMs: seconds * 1000 } : { is: 'off', monoMs },
  );
  if (state === undefined) return { ok: false, text: `this node has no ${name} (pins.${name}.pin is not set)` };
  if (state.name === 'silent') return { ok: true, text: `${name} off` };
  return { ok: true, text: `${name} on for ${Math.round((state.untilMonoMs - monoMs) / 1000)} s` };
}
