// The two processes of a node, as `matlang node` and the demo run them: recorder and uplink, each supervised.
import { fileURLToPath } from 'node:url';
import { type SupervisedChild, supervise } from '../agent/supervise.ts';

export interface NodeProcesses {
  readonly recorder: SupervisedChild;
  readonly uplink: SupervisedChild;
}

export interface NodeEars {
  line(process: 'recorder' | 'uplink', line: string): void;
  ended(process: 'recorder' | 'uplink', how: string): void;
}

const program = (room: string) => fileURLToPath(new URL(`../agent/${room}/main.ts`, import.meta.url));

/** `recorderArgs` are further arguments for the recorder. */
export function startNode(configPath: string, ears: NodeEars, recorderArgs: readonly string[] = []): NodeProcesses {
  const start = (name: 'recorder' | 'uplink', more: readonly string[]) =>
    supervise({
      name,
      args: [program(name), '--config', configPath, ...more],
      onLine: (line) => ears.line(name, line),
      onEnd: (how) => ears.ended(name, how),
    });
  return { recorder: start('recorder', recorderArgs), uplink: start('uplink', []) };
}
