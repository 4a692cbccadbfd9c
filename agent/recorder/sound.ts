// A bang or a spoken keyword as an alarm trigger. An ear that does not work is a state in the vitals, and never touches the pictures.
import type { Sound } from '../../hal/ports.ts';
import type { Witness } from './witness.ts';

export async function watchSound(sound: Sound, witness: Pick<Witness, 'see'>, signal: AbortSignal): Promise<void> {
  for await (const { is, text, monoMs } of sound.heard(signal)) {
    witness.see({ is: 'trigger', monoMs, trigger: is, level: 'alarm', reason: text });
  }
}
