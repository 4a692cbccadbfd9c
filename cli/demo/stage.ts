// Everything the demo needs on disk: throw-away keys, one configuration for the hub and one for each node.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { enrol } from '../../agent/enrol.ts';
import { disk } from '../../hal/disk.ts';
import { makeHubKeys } from '../../hub/keys.ts';
import { trustPaths } from '../../hub/trust/files.ts';
import { foundTrust } from '../../hub/trust/found.ts';
import { giveTicket } from '../../hub/trust/give-ticket.ts';
import { openRoll } from '../../hub/trust/roll.ts';

export interface StageRules {
  readonly dir: string;
  readonly nodes: number;
  readonly film: string | undefined;
  readonly httpPort: number;
  /** The broker to use; undefined: one in the hub, on `brokerPort`. */
  readonly broker: string | undefined;
  readonly brokerPort: number;
  /** The trust folder whose CA that broker believes; undefined: a throw-away one. */
  readonly trust: string | undefined;
  readonly enrolPort: number;
  /** Where the nodes find the broker. */
  readonly relayPort: number;
  /** Left out: as a node has it that was told nothing. */
  readonly vitalsEveryS?: number;
}

export interface StagedNode {
  readonly id: string;
  readonly title: string;
  readonly dir: string;
  readonly configPath: string;
}

export interface Stage {
  readonly hubDir: string;
  readonly hubConfigPath: string;
  /** Once the hub runs: each node joins with a ticket, as at a pole. */
  joinNodes(signal: AbortSignal): Promise<StagedNode[]>;
}

export const demoCommune = 'xa-thu-nghiem';
const places = [
  'Ngã ba chợ',
  'Cổng trường tiểu học',
  'Đầu làng',
  'Nhà văn hóa thôn',
  'Cầu Đá',
  'Trạm y tế',
  'Bến đò',
  'Đình làng',
];

/** The third point is seen by night, so that both pictures are there to look at. */
const timeOf = (index: number) => (index % 3 === 2 ? 'night' : 'day');

/** Writes `dir/hub`, `dir/keys` and `dir/escrow.txt`; `joinNodes` writes `dir/nodes/<id>`. */
export async function setStage(rules: StageRules): Promise<Stage> {
  const hubDir = join(rules.dir, 'hub');
  const keysDir = join(rules.dir, 'keys');
  await mkdir(keysDir, { recursive: true });
  const keys = await makeHubKeys(hubDir);
  await copyFile(keys.publicKey, join(keysDir, 'hub.pub'));
  // Throw-away keys: what belongs into a safe elsewhere lies beside the rest here.
  await writeFile(join(rules.dir, 'escrow.txt'), `${keys.escrow}\n`, { mode: 0o600 });
  const trustDir = rules.trust ?? join(hubDir, 'trust');
  const paths = trustPaths(trustDir);
  if (rules.trust === undefined) {
    const mosquitto = { port: 8883, user: 'root', pidFile: paths.mosquittoPid };
    await foundTrust(trustDir, { commune: demoCommune, addresses: ['127.0.0.1'], mosquitto, nowMs: Date.now() });
  } else refuseInhabited(trustDir);
  const scheme = rules.broker === undefined ? 'mqtts:' : new URL(rules.broker).protocol;

  const hubConfigPath = join(hubDir, 'hub.yaml');
  await writeFile(
    hubConfigPath,
    stringify({
      commune: demoCommune,
      dataDir: hubDir,
      keysDir,
      signingKey: keys.signingKey,
      unsealKey: keys.unsealKey,
      listen: { host: '127.0.0.1', port: rules.httpPort },
      broker: rules.broker ?? 'embedded',
      brokerListen: { host: '127.0.0.1', port: rules.brokerPort },
      brokerForNodes: `${scheme}//127.0.0.1:${rules.relayPort}`,
      trustDir,
      enrolListen: { host: '127.0.0.1', port: rules.enrolPort },
      ...(scheme === 'mqtts:' && rules.trust !== undefined
        ? { mosquitto: { log: paths.mosquittoLog, pid: paths.mosquittoPid } }
        : {}),
    }),
  );
  const joinNodes = async (signal: AbortSignal) => {
    const nodes: StagedNode[] = [];
    for (let index = 0; index < rules.nodes; index++) nodes.push(await joinNode(rules, trustDir, index, signal));
    return nodes;
  };
  return { hubDir, hubConfigPath, joinNodes };
}

/** The demo's nodes would take the names of real ones. */
function refuseInhabited(trustDir: string): void {
  const roll = openRoll(trustPaths(trustDir).roll);
  const nodes = roll.nodes();
  roll.close();
  if (nodes.length > 0) throw new Error(`--trust must be of a commune without nodes; ${trustDir} has ${nodes.length}`);
}

async function joinNode(rules: StageRules, trustDir: string, index: number, signal: AbortSignal): Promise<StagedNode> {
  const number = String(index + 1).padStart(2, '0');
  const id = `mat-${number}`;
  const title = `Mắt ${number} · ${places[index % places.length]}`;
  const dir = join(rules.dir, 'nodes', id);
  const identityDir = join(dir, 'identity');
  await mkdir(identityDir, { recursive: true });
  const hubs = [`127.0.0.1:${rules.enrolPort}`];
  const ticket = {
    trustDir,
    commune: demoCommune,
    node: id,
    place: { place: title },
    hubs,
    nowMs: Date.now(),
    hours: 1,
  };
  const joined = await enrol(disk, identityDir, await giveTicket(ticket), signal);
  if (!joined.ok) throw new Error(`${id} could not join: ${joined.text}`);
  const { broker, mqtt } = joined.answer;
  const camera =
    rules.film !== undefined && index === 0
      ? { driver: 'film', path: resolve(rules.film) }
      : { driver: 'scene', seed: index + 1, time: timeOf(index) };
  const configPath = join(dir, 'node.yaml');
  await writeFile(
    configPath,
    stringify({
      commune: demoCommune,
      node: id,
      title,
      dataDir: '.',
      identityDir: 'identity',
      camera,
      storage: { ringMiB: 512, spoolMiB: 512, keepFreeMiB: 64 },
      uplink: { broker, mqtt },
      clock: 'system',
      ...(rules.vitalsEveryS === undefined ? {} : { vitalsEveryS: rules.vitalsEveryS }),
      pins: { simDir: join(dir, 'pins'), inputs: [{ pin: 17, trigger: 'panic' }], lampPin: 22 },
    }),
  );
  return { id, title, dir, configPath };
}
