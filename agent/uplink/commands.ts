// Commands: signed by the hub, for this node, in time, and once. What passes goes to the recorder; what does not is answered with the reason.
import { type Command, commandSchema, type Reply } from '../../protocol/receipt.ts';
import { type VerifyingKey, verify } from '../../protocol/sign.ts';

const commandBytesMax = 16 * 1024;
/** Identities remembered until their commands expire; a command beyond them is refused, or an old one could run twice. */
const rememberedMax = 256;
/** A command may not be kept for later than this. */
const aheadMsMax = 24 * 3_600_000;
/** Answers to rubbish: so many at once, and one more each second. */
const complaintsMax = 5;
const complaintEveryMs = 1000;

export interface CommandDesk {
  take(payload: Uint8Array, retained: boolean): Promise<void>;
  readonly counts: { run: number; refused: number };
}

export interface CommandWorld {
  readonly hubKey: VerifyingKey;
  readonly audience: string;
  /** Best known time, Unix ms. */
  readonly wallMs: () => number;
  /** False when the recorder cannot be reached. */
  readonly pass: (command: Command) => boolean;
  readonly answer: (reply: Reply) => void;
}

type Checked =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly id: string; readonly text: string };

export function openCommandDesk(world: CommandWorld): CommandDesk {
  const seen = new Map<string, number>();
  const counts = { run: 0, refused: 0 };
  const patience = { left: complaintsMax, sinceMs: performance.now() };

  const complain = (id: string, text: string) => {
    counts.refused += 1;
    const nowMs = performance.now();
    const earned = Math.floor((nowMs - patience.sinceMs) / complaintEveryMs);
    if (earned > 0) {
      patience.left = Math.min(complaintsMax, patience.left + earned);
      patience.sinceMs = nowMs;
    }
    if (patience.left === 0) return;
    patience.left -= 1;
    world.answer({ v: 1, id, ok: false, text: text.slice(0, 500) });
  };

  const once = ({ id, expiresAtMs }: Command): string | undefined => {
    const nowMs = world.wallMs();
    for (const [old, until] of seen) if (until <= nowMs) seen.delete(old);
    if (seen.has(id)) return 'command was run before';
    if (seen.size >= rememberedMax) return `no more than ${rememberedMax} commands may be open at once`;
    seen.set(id, expiresAtMs);
    return undefined;
  };

  return {
    counts,
    take: async (payload, retained) => {
      const checked = await check(payload, retained, world);
      if (!checked.ok) return complain(checked.id, checked.text);
      const { command } = checked;
      const refusal = once(command);
      if (refusal !== undefined) return complain(command.id, refusal);
      if (!world.pass(command)) {
        seen.delete(command.id);
        return complain(command.id, 'the recorder is not running');
      }
      counts.run += 1;
    },
  };
}

async function check(payload: Uint8Array, retained: boolean, world: CommandWorld): Promise<Checked> {
  const no = (text: string, id = ''): Checked => ({ ok: false, id, text });
  // A retained command would run again at each connection.
  if (retained) return no('a command must not be retained');
  if (payload.length > commandBytesMax) return no(`a command may have ${commandBytesMax} bytes, not ${payload.length}`);
  const verified = await verify(Buffer.from(payload).toString('latin1'), 'matlang-command', world.hubKey);
  if (!verified.ok) return no(`not a command signed by the hub (${verified.why})`);
  const parsed = commandSchema.safeParse(verified.payload);
  if (!parsed.success) return no(faultsIn(parsed.error.issues), idIn(verified.payload));
  const command = parsed.data;
  if (command.aud !== world.audience) return no(`command is for ${command.aud}, not for ${world.audience}`, command.id);
  const leftMs = command.expiresAtMs - world.wallMs();
  if (leftMs <= 0) return no(`command expired ${Math.round(-leftMs / 1000)} s ago`, command.id);
  if (leftMs > aheadMsMax) return no('command must expire within 24 hours', command.id);
  return { ok: true, command };
}

function faultsIn(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  return issues.map((issue) => `${issue.path.map(String).join('.') || 'command'}: ${issue.message}`).join('; ');
}

/** So that who asked can be answered, where the identity at least is sound. */
function idIn(payload: unknown): string {
  return commandSchema.pick({ id: true }).loose().safeParse(payload).data?.id ?? '';
}
