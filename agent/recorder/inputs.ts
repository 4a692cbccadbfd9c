// Buttons and contacts become triggers; a stuck or chattering one becomes a single fault.
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, PinsOpened } from '../../hal/ports.ts';
import type { Level } from '../../protocol/manifest.ts';
import type { NodeConfig } from '../core/config/schema.ts';
import { type Input, type InputSeen, inputAtStart, inputRules, step } from '../core/inputs.ts';
import type { Troubles } from './troubles.ts';
import type { Witness } from './witness.ts';

type PinConfig = NodeConfig['pins']['inputs'][number];
/** A person in need, or somebody at the box: the officer must know. A door or an infrared sensor is worth a look. */
const levelOf: Readonly<Record<PinConfig['trigger'], Level>> = {
  panic: 'alarm',
  tamper: 'alarm',
  fire: 'alarm',
  pir: 'event',
  door: 'event',
};

/** The officer reads it. */
const reasonOf: Readonly<Record<PinConfig['trigger'], string>> = {
  panic: 'nút báo động được bấm',
  tamper: 'hộp thiết bị bị mở hoặc bị phá',
  fire: 'đầu báo cháy tác động',
  pir: 'cảm biến hồng ngoại thấy người',
  door: 'cửa mở',
};

const againMs = 30_000;
/** A watch that has lasted so long works. */
const wellMs = 5000;

/** Ends with the signal. Pins that cannot be opened are a fault, never a stop. */
export async function watchInputs(
  opened: PinsOpened,
  inputs: readonly PinConfig[],
  witness: Pick<Witness, 'see'>,
  troubles: Pick<Troubles, 'raise' | 'over'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  if (inputs.length === 0) return;
  if (!opened.ok) return troubles.raise('pins', `GPIO inputs do not work: ${opened.text}`);
  const states = new Map<number, Input>(inputs.map(({ pin }) => [pin, inputAtStart]));

  const see = (input: PinConfig, seen: InputSeen) => {
    const next = step(states.get(input.pin) ?? inputAtStart, seen, inputRules);
    states.set(input.pin, next.state);
    for (const action of next.actions) {
      const code = `${action.do === 'trigger' ? 'input' : action.code}-${input.pin}`;
      if (action.do === 'fault') troubles.raise(code, `input ${input.trigger} on pin ${input.pin} is stuck or loose`);
      if (action.do === 'recover') troubles.over(code);
      if (action.do === 'trigger') {
        const reason = `${reasonOf[input.trigger]} (chân ${input.pin})`;
        witness.see({
          is: 'trigger',
          monoMs: seen.monoMs,
          trigger: input.trigger,
          level: levelOf[input.trigger],
          reason,
        });
      }
    }
  };

  const ticks = setInterval(() => {
    for (const input of inputs) see(input, { is: 'tick', monoMs: clock.monoMs() });
  }, 1000);
  const watch = async () => {
    const well = setTimeout(() => troubles.over('pins'), wellMs);
    try {
      for await (const edge of opened.pins.watch(inputs, signal)) {
        const input = inputs.find(({ pin }) => pin === edge.pin);
        if (input !== undefined) see(input, { is: 'edge', active: edge.active, monoMs: edge.monoMs });
      }
    } finally {
      clearTimeout(well);
    }
  };
  while (!signal.aborted) {
    await watch().catch((error: unknown) => troubles.raise('pins', `GPIO inputs stopped working: ${String(error)}`));
    // A pin may be taken by another program for a while, and a tool may end.
    await pause(againMs, undefined, { signal }).catch(() => undefined);
  }
  clearInterval(ticks);
}
