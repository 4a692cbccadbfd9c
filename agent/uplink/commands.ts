// Commands: signed by the hub, for this node, in time, and once. What passes goes to the recorder; what does not is answered with the reason.
import {
  type Command,
  commandAheadMsMax,
  commandBytesMax,
  commandIdSchema,
  commandSchema,
  type Reply,
} from '../../protocol/command.ts';
import { type VerifyingKey, verify } from '../../protocol/sign.ts';
import type { Nonces } from './nonce.ts';
import type { SeenCommands } from './seen-commands.ts';
import type { HubTime } from './time.ts';

/** Answers to rubbish: so many at once, and one more each second. */
const complaintsMax = 5;
const complaintEveryMs = 1000;

export interface CommandDesk {
  take(payload: Uint8Array, retained: boolean): Promise<void>;
  /** A withdrawal that did not come through the broker, which lets us in no more: signed for this node, and good for ever. */
  takeFinal(payload: Uint8Array): Promise<void>;
  readonly counts: CommandCounts;
}
export interface CommandCounts {
  run: number;
  refused: number;
  /** Of the refused ones: not signed by the hub, for another node, malformed, retained or too large. */
  forged: number;
}

export interface CommandWorld {
  readonly hubKey: VerifyingKey;
  readonly audience: string;
  readonly time: Pick<HubTime, 'wallMs' | 'isKnown'>;
  readonly nonces: Nonces;
  readonly seen: SeenCommands;
  /** False when the recorder cannot be reached. */
  readonly pass: (command: Command) => boolean;
  readonly answer: (reply: Reply) => void;
  /** Somebody who is not the hub tries; the text says what came. */
  readonly alarm: (text: string) => void;
}

type Refusal = {
  readonly ok: false;
  readonly id: string;
  readonly why: NonNullable<Reply['why']>;
  readonly text: string;
};
type Checked = { readonly ok: true; readonly command: Command; readonly untilMs: number } | Refusal;

export function openCommandDesk(world: CommandWorld): CommandDesk {
  const { seen, time } = world;
  const counts: CommandCounts = { run: 0, refused: 0, forged: 0 };
  const patience = { left: complaintsMax, sinceMs: performance.now() };

  const complain = ({ id, why, text }: Omit<Refusal, 'ok'>) => {
    counts.refused += 1;
    if (why === 'refused') {
      counts.forged += 1;
      world.alarm(text);
    }
    const nowMs = performance.now();
    const earned = Math.floor((nowMs - patience.sinceMs) / complaintEveryMs);
    if (earned > 0) {
      patience.left = Math.min(complaintsMax, patience.left + earned);
      patience.sinceMs = nowMs;
    }
    if (patience.left === 0) return;
    patience.left -= 1;
    world.answer({ v: 1, id, ok: false, why, text: text.slice(0, 500) });
  };

  return {
    counts,
    takeFinal: async (payload) => {
      const signed = await checkSigned(payload, world);
      if (!signed.ok) return complain(signed);
      if (signed.command.name === 'withdraw' && world.pass(signed.command)) counts.run += 1;
    },
    take: async (payload, retained) => {
      const checked = await check(payload, retained, world);
      if (!checked.ok) return complain(checked);
      const { command, untilMs } = checked;
      const { id } = command;
      if (time.isKnown()) seen.forget(time.wallMs());
      if (seen.has(id)) return complain({ id, why: 'repeated', text: 'command was run before' });
      // Remembered before it runs: after a power cut between the two it has not run, and never runs twice.
      if (!(await seen.add(id, untilMs)))
        return complain({ id, why: 'busy', text: 'no more commands may be open at once' });
      if (!world.pass(command)) {
        await seen.remove(id);
        return complain({ id, why: 'failed', text: 'the recorder is not running' });
      }
      counts.run += 1;
    },
  };
}

async function check(payload: Uint8Array, retained: boolean, world: CommandWorld): Promise<Checked> {
  // A retained command would run again at each connection.
  if (retained) return { ok: false, id: '', why: 'refused', text: 'a command must not be retained' };
  const signed = await checkSigned(payload, world);
  return signed.ok ? checkTime(signed.command, world) : signed;
}

/** The hub's word, for this node, and well formed; whether it is in time is another matter. */
async function checkSigned(
  payload: Uint8Array,
  world: CommandWorld,
): Promise<{ readonly ok: true; readonly command: Command } | Refusal> {
  const no = (text: string, id = ''): Refusal => ({ ok: false, id, why: 'refused', text });
  if (payload.length > commandBytesMax) return no(`a command may have ${commandBytesMax} bytes, not ${payload.length}`);
  const verified = await verify(Buffer.from(payload).toString('latin1'), 'matlang-command', world.hubKey);
  if (!verified.ok) return no(`not a command signed by the hub (${verified.why})`);
  const parsed = commandSchema.safeParse(verified.payload);
  if (!parsed.success)
    return no(faultsIn(parsed.error.issues), commandIdSchema.safeParse(verified.payload).data?.id ?? '');
  const command = parsed.data;
  if (command.aud !== world.audience) return no(`command is for ${command.aud}, not for ${world.audience}`, command.id);
  return { ok: true, command };
}

function checkTime(command: Command, { time, nonces }: CommandWorld): Checked {
  const { id, expiresAtMs, nonce = '', ttlMs = 0 } = command;
  const no = (why: Refusal['why'], text: string): Checked => ({ ok: false, id, why, text });
  const nowMs = time.wallMs();
  if (expiresAtMs === undefined) {
    const ageMs = nonces.ageMs(nonce);
    if (ageMs === undefined || ageMs > ttlMs) return no('expired', 'the nonce of the command is not one of the last');
    // When the time becomes known it may be found to be later: a nonce is not given out again, so forgetting it early does no harm.
    return { ok: true, command, untilMs: nowMs + ttlMs };
  }
  if (!time.isKnown())
    return no('clock', 'this node does not know the time yet; a command must carry the nonce of its status');
  const leftMs = expiresAtMs - nowMs;
  if (leftMs <= 0) return no('expired', `command expired ${Math.round(-leftMs / 1000)} s ago`);
  if (leftMs > commandAheadMsMax) return no('refused', 'command must expire within 24 hours');
  return { ok: true, command, untilMs: expiresAtMs };
}

function faultsIn(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  return issues.map((issue) => `${issue.path.map(String).join('.') || 'command'}: ${issue.message}`).join('; ');
}
