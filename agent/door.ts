// How a process of the agent begins, and how it says that it cannot go on.
import { ConfigRefused } from './config-file.ts';
import { openLog } from './log.ts';

/** Runs `main` to its end. What stops it becomes one line of the log and exit 1: a technician reads faults, not stacks; a bug keeps its stack. */
export async function enter(
  name: 'recorder' | 'uplink' | 'pins' | 'update',
  main: (argv: readonly string[]) => Promise<void>,
): Promise<void> {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    const log = openLog(name);
    if (error instanceof ConfigRefused)
      for (const fault of error.message.split('\n')) log('error', 'configuration refused', { fault });
    else
      log('error', 'cannot go on', { error: String(error), stack: error instanceof Error ? error.stack : undefined });
    // At once: timers and sockets of what was begun must not keep half a process alive.
    process.exit(1);
  }
}
