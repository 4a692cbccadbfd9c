// Commands from the hub. The uplink has checked signature, audience, expiry and repetition; what is asked for is checked here.
import type { Disk, PinsOpened } from '../../hal/ports.ts';
import type { Command, Reply } from '../../protocol/command.ts';
import type { DrainClass, Stamp } from '../../protocol/manifest.ts';
import type { Log } from '../log.ts';
import { keepRemoteSettings } from '../remote-settings.ts';
import type { Spool } from '../spool.ts';
import { keepWithdrawn } from '../withdrawn.ts';
import { hold, letGo } from './holds.ts';
import type { Live } from './live.ts';
import { lookBack } from './look-back.ts';
import type { Outputs, SounderName } from './outputs.ts';
import type { Pinned } from './pinned.ts';
import { resend } from './resend.ts';
import type { Software } from './software.ts';
import type { Stills } from './stills.ts';

export interface CommandWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly identityDir: string;
  /** The configuration file as it stands now. */
  readonly configFile: () => Promise<Uint8Array>;
  readonly spool: Spool;
  readonly pinned: Pinned;
  readonly stills: Stills;
  readonly live: Live;
  readonly pins: PinsOpened;
  readonly lampPin: number | null;
  readonly outputs: Pick<Outputs, 'sound'>;
  readonly software: Pick<Software, 'say' | 'want'>;
  readonly now: () => Stamp;
  /** Something waits in this class. */
  readonly ring: (drainClass: DrainClass) => void;
  /** Ends this process in order, when the answer is on its way; whoever started it starts it again. */
  readonly restart: () => void;
  readonly log: Log;
}

export interface Commands {
  /** Always answers, also to what cannot be done. */
  obey(command: Command): Promise<Reply>;
}

export type Outcome =
  | { readonly ok: true; readonly text: string; readonly files?: number }
  | { readonly ok: false; readonly why?: Reply['why']; readonly text: string };

export function openCommands(world: CommandWorld): Commands {
  const perform = async (command: Command): Promise<Outcome> => {
    switch (command.name) {
      case 'snapshot':
        world.stills.wish({ why: 'command', id: command.id, fromMonoMs: world.now().monoMs });
        return { ok: true, text: 'a still is on its way' };
      case 'live.start':
        return world.live.start(command.args)
          ? { ok: true, text: `live for ${command.args.seconds} s` }
          : { ok: false, why: 'busy', text: 'as many live sessions as may be are running' };
      case 'live.stop':
        return world.live.stop(command.args.session)
          ? { ok: true, text: 'stopped' }
          : { ok: false, text: 'no such live session' };
      case 'lookback':
        return lookBack(world, command.id, command.args.fromMs, command.args.toMs);
      case 'config.set':
        return setConfig(world, command.args.patch);
      case 'lamp':
        return lamp(world, command.args.on);
      case 'siren':
      case 'strobe':
        return sound(world, command.name, command.args);
      case 'record.lock':
        return hold(world, command.args);
      case 'record.unlock':
        return letGo(world, command.args);
      case 'resend':
        return resend(world, command.args);
      case 'update.check':
        return await world.software.say();
      case 'update.apply':
        return await world.software.want(command.args.version);
      case 'restart':
        world.restart();
        return { ok: true, text: 'beginning anew' };
      case 'withdraw':
        await keepWithdrawn(world.disk, world.identityDir);
        world.restart();
        return { ok: true, text: 'this camera sees nothing any more' };
    }
  };
  return {
    obey: async (command) => {
      world.log('info', 'command', { id: command.id, name: command.name });
      const outcome = await perform(command).catch((error: unknown): Outcome => ({ ok: false, text: String(error) }));
      const text = outcome.text.slice(0, 500);
      if (outcome.ok) {
        const files = outcome.files === undefined ? {} : { files: outcome.files };
        return { v: 1, id: command.id, ok: true, text, ...files };
      }
      return { v: 1, id: command.id, ok: false, why: outcome.why ?? 'failed', text };
    },
  };
}

const cannot = (text: string): Outcome => ({ ok: false, why: 'cannot', text });

async function setConfig(
  world: CommandWorld,
  patch: Extract<Command, { name: 'config.set' }>['args']['patch'],
): Promise<Outcome> {
  const kept = await keepRemoteSettings(world.disk, world.identityDir, await world.configFile(), patch);
  if (!kept.ok) return { ok: false, text: kept.text };
  world.restart();
  return { ok: true, text: 'set; the recorder begins anew with it' };
}

async function lamp(world: CommandWorld, on: boolean): Promise<Outcome> {
  if (world.lampPin === null) return cannot('this node has no lamp (pins.lampPin is not set)');
  if (!world.pins.ok) return { ok: false, text: `the lamp cannot be switched: ${world.pins.text}` };
  await world.pins.pins.set(world.lampPin, on);
  return { ok: true, text: on ? 'lamp on' : 'lamp off' };
}

/** The configuration's own limit stands above `seconds`. */
function sound(
  world: CommandWorld,
  name: SounderName,
  { on, seconds }: { on: boolean; seconds?: number | undefined },
): Outcome {
  if (!world.pins.ok) return { ok: false, text: `the ${name} cannot be switched: ${world.pins.text}` };
  const { monoMs } = world.now();
  const forMs = (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const state = world.outputs.sound(name, on ? { is: 'on', monoMs, forMs } : { is: 'off', monoMs });
  if (state === undefined) return cannot(`this node has no ${name} (pins.${name}.pin is not set)`);
  if (state.name === 'silent') return { ok: true, text: `${name} off` };
  return { ok: true, text: `${name} on for ${Math.round((state.untilMonoMs - monoMs) / 1000)} s` };
}
