// The commune's hub on this machine, set up as its IT person would by the product's own commands; the node in the virtual machine reaches it at 10.0.2.2.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../cli/free-port.ts';
import type { EventView } from '../../hub/event-view.ts';
import type { NodeView } from '../../hub/web/nodes.ts';
import { signIn } from '../hub/village.ts';

export interface LabHub {
  /** `matlang hub --config … WORDS`; throws what it says. */
  command(words: readonly string[]): string;
  /** As the duty desk's page asks, signed in as the chief. */
  get(path: string): Promise<Response>;
  /** The node as the page shows it. */
  node(): Promise<NodeView | undefined>;
  /** Newest first. */
  events(): Promise<readonly EventView[]>;
  /** Faults that the node has told, oldest first, over all its starts. */
  faults(): readonly string[];
  /** Names of all that the archive holds. */
  names(): ReadonlySet<string>;
  close(): Promise<void>;
}

/** How a guest of QEMU's own network reaches this machine. */
export const guestsHost = '10.0.2.2';
const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export async function openLabHub(
  dir: string,
  commune: string,
  node: string,
  addresses: readonly string[] = [guestsHost, '127.0.0.1'],
): Promise<LabHub> {
  const [brokerPort, enrolPort] = [await freePort(), await freePort()];
  const matlang = (words: readonly string[]) => {
    const run = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`matlang ${words.join(' ')}: ${run.stderr}`);
    return run.stdout;
  };
  const broker = ['--broker', 'embedded', '--broker-port', String(brokerPort)];
  const where = ['--commune', commune, '--address', ...addresses, '--enrol-port', String(enrolPort)];
  matlang(['hub', 'init', dir, ...where, ...broker]);
  const configPath = join(dir, 'hub.yaml');
  // For this machine alone; QEMU brings the guest to loopback.
  const text = readFileSync(configPath, 'utf8')
    .replace(/host: 0\.0\.0\.0/g, 'host: 127.0.0.1')
    .replace(/port: (?:8080|8443)$/gm, 'port: 0');
  writeFileSync(configPath, text);
  const run = ['--pdeathsig', 'KILL', '--', process.execPath, main, 'hub', '--config', configPath, '--json'];
  const child = spawn('setpriv', run, { stdio: ['ignore', 'pipe', 'ignore'] });
  const first = await once(createInterface({ input: child.stdout }), 'line');
  const { url }: { url: string } = JSON.parse(String(first[0]));
  const data = join(dir, 'data');
  let { cookie } = await signIn(data, url, 'chief');
  const askOnce = (path: string) => fetch(new URL(path, url), { headers: { cookie } });
  // A connection that was kept may have ended while a program of the lab kept this process busy.
  const ask = (path: string) => askOnce(path).catch(() => askOnce(path));
  // A desk that nobody touches for half an hour hides its pictures.
  const get = async (path: string) => {
    const answer = await ask(path);
    if (answer.status !== 401 && answer.status !== 403) return answer;
    ({ cookie } = await signIn(data, url, 'chief'));
    return await ask(path);
  };
  const catalog = new DatabaseSync(join(data, 'index.sqlite'), { readOnly: true });
  return {
    command: (words) => matlang(['hub', '--config', configPath, ...words]),
    get,
    node: async () => {
      const { nodes }: { nodes: NodeView[] } = await (await get('api/nodes')).json();
      return nodes.find((each) => each.node === node);
    },
    events: async () => ((await (await get('api/events?limit=200')).json()) as { events: EventView[] }).events,
    faults: () =>
      catalog
        .prepare('SELECT code FROM fault ORDER BY boot, seq')
        .all()
        .map(({ code }) => String(code)),
    names: () =>
      new Set(readdirSync(join(data, 'archive'), { recursive: true, encoding: 'utf8' }).map((path) => basename(path))),
    close: async () => {
      catalog.close();
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
