// After an update has been laid ready, the launcher's own service goes on: it outlives the command that was typed, and is the same one that goes on after a power cut.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { readState } from './root.ts';

/** Where the packages install releases, and the only root that the service knows. */
export const installedRoot = '/opt/matlang';
const unit = 'matlang-launcher.service';
const lookEveryMs = 500;
/** Three starts of two minutes each, and room. */
const restMsMax = 420_000;

/** Undefined where no service manager runs the launcher on this root: then whoever asks does it here. */
export function handOverFor(root: string): (() => Promise<void>) | undefined {
  const isRun =
    root === installedRoot && existsSync('/run/systemd/system') && existsSync(`/lib/systemd/system/${unit}`);
  return isRun ? () => handOver(root) : undefined;
}

async function handOver(root: string): Promise<void> {
  const child = spawn('systemctl', ['restart', unit], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${unit} cannot be started (systemctl ended with ${String(code)})`);
  const giveUpMs = performance.now() + restMsMax;
  for (let { name } = readState(root); name !== 'steady' && name !== 'proving'; { name } = readState(root)) {
    if (performance.now() > giveUpMs) return;
    await pause(lookEveryMs);
  }
}
