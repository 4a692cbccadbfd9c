// Everything the demo needs on disk: throw-away keys, one configuration for the hub and one for each node.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { makeSigningKey } from '../../agent/identity.ts';
import { disk } from '../../hal/disk.ts';
import { makeHubKeys } from '../../hub/keys.ts';

export interface StageRules {
  readonly dir: string;
  readonly nodes: number;
  readonly film: string | undefined;
  readonly httpPort: number;
  /** The broker to use; undefined: one in the hub, on `brokerPort`. */
  readonly broker: string | undefined;
  readonly brokerPort: number;
  /** Where the nodes find the broker. */
  readonly relayPort: number;
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
  readonly nodes: readonly StagedNode[];
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

/** Writes `dir/hub`, `dir/keys` and `dir/nodes/<id>`. */
export async function setStage(rules: StageRules): Promise<Stage> {
  const hubDir = join(rules.dir, 'hub');
  const keysDir = join(rules.dir, 'keys');
  await mkdir(keysDir, { recursive: true });
  const keys = await makeHubKeys(hubDir);
  await copyFile(keys.publicKey, join(keysDir, 'hub.pub'));

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
    }),
  );
  const nodes: StagedNode[] = [];
  for (let index = 0; index < rules.nodes; index++) nodes.push(await stageNode(rules, index, keysDir, keys));
  return { hubDir, hubConfigPath, nodes };
}

/** The embedded broker speaks 3.1.1 only. */
const mqttVersion = ({ broker }: StageRules) => (broker === undefined ? 4 : 5);

async function stageNode(
  rules: StageRules,
  index: number,
  keysDir: string,
  keys: { publicKey: string; recipients: string },
): Promise<StagedNode> {
  const number = String(index + 1).padStart(2, '0');
  const id = `mat-${number}`;
  const title = `Mắt ${number} · ${places[index % places.length]}`;
  const dir = join(rules.dir, 'nodes', id);
  const identityDir = join(dir, 'identity');
  await mkdir(identityDir, { recursive: true });
  await writeFile(join(keysDir, `${id}.pub`), await makeSigningKey(disk, identityDir));
  await copyFile(keys.publicKey, join(identityDir, 'hub.pub'));
  await copyFile(keys.recipients, join(identityDir, 'recipients.txt'));
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
      uplink: { broker: `mqtt://127.0.0.1:${rules.relayPort}`, mqtt: mqttVersion(rules) },
      clock: 'system',
      vitalsEveryS: 5,
      pins: { simDir: join(dir, 'pins'), inputs: [{ pin: 17, trigger: 'panic' }], lampPin: 22 },
    }),
  );
  return { id, title, dir, configPath };
}
