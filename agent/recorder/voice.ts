// A spoken keyword as an alarm trigger. The engine's absence is a state in the vitals, never a stop.
import type { Clock, Voice } from '../../hal/ports.ts';
import type { Witness } from './witness.ts';

export async function watchVoice(
  voice: Voice,
  enabled: boolean,
  witness: Pick<Witness, 'see'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  if (!enabled) return;
  for await (const { keyword } of voice.heard(signal)) {
    witness.see({
      is: 'trigger',
      monoMs: clock.monoMs(),
      trigger: 'keyword',
      level: 'alarm',
      reason: `keyword "${keyword}" heard`,
    });
  }
}
