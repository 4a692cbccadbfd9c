// `matlang node`: both processes of a node, where no service manager starts them.
import type { Command } from 'commander';
import { loadConfig } from '../../agent/config-file.ts';
import { readHubKey } from '../../agent/identity.ts';
import { openLog } from '../../agent/log.ts';
import { disk } from '../../hal/disk.ts';
import { languageOf } from '../language.ts';
import { startNode } from '../node-processes.ts';

/** After the recorder has ended, the uplink gets this long to send its last records; what is left stays on the card. */
const lastWordsMs = 2000;

export function register(program: Command): void {
  const vi = languageOf(program) === 'vi';
  program
    .command('node')
    .description(vi ? 'chạy một mắt camera (ghi hình và gửi về máy chủ)' : 'run a node (recorder and uplink)')
    .requiredOption('--config <file>', vi ? 'tệp cấu hình của mắt camera' : "the node's configuration")
    .action(({ config }: { config: string }) => runNode(config));
}

async function runNode(configPath: string): Promise<void> {
  // What no restart can mend is told now, once, and not by two processes that fail for ever.
  const { identityDir } = await loadConfig(disk, configPath, 'read-only');
  await readHubKey(disk, identityDir);
  const log = openLog('node');
  const { recorder, uplink } = startNode(configPath, {
    line: (_, line) => process.stderr.write(`${line}\n`),
    ended: (name, how) => log('error', 'process ended, will be started again', { name, how }),
  });
  await new Promise<void>((resolve) => {
    // Every time: an impatient second Ctrl+C must not cut off the last words; they are bounded anyway.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
  await recorder.stop();
  await new Promise((resolve) => setTimeout(resolve, lastWordsMs));
  await uplink.stop();
}
