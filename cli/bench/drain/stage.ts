// A hub and nodes that have not joined with a ticket: keys in files, MQTT without TLS. What is measured is delivery.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { makeSigningKey } from '../../../agent/identity.ts';
import { disk } from '../../../hal/disk.ts';
import { makeHubKeys } from '../../../hub/keys.ts';
import { demoCommune, type StagedNode } from '../../demo/stage.ts';

export interface DrainStage {
  readonly hubDir: string;
  readonly hubConfigPath: string;
  readonly nodes: readonly StagedNode[];
}

export interface DrainStageRules {
  readonly dir: string;
  readonly nodes: number;
  readonly httpPort: number;
  /** Undefined: the hub's own, on a free port. */
  readonly broker: string | undefined;
  /** Where the nodes find it. */
  readonly linkPort: number;
}

/** Writes `dir/hub`, `dir/keys` and `dir/nodes/<id>`. */
export async function setDrainStage({
  dir,
  nodes: count,
  httpPort,
  broker,
  linkPort,
}: DrainStageRules): Promise<DrainStage> {
  const [hubDir, keysDir] = [join(dir, 'hub'), join(dir, 'keys')];
  await mkdir(keysDir, { recursive: true });
  const keys = await makeHubKeys(hubDir);
  const hubConfigPath = join(hubDir, 'hub.yaml');
  const config = {
    ...{ commune: demoCommune, dataDir: hubDir, keysDir, signingKey: keys.signingKey, unsealKey: keys.unsealKey },
    ...{ listen: { host: '127.0.0.1', port: httpPort }, broker: broker ?? 'embedded' },
    brokerListen: { host: '127.0.0.1', port: 0 },
  };
  await writeFile(hubConfigPath, stringify(config));
  const nodes: StagedNode[] = [];
  for (let index = 1; index <= count; index += 1) {
    const id = `mat-${String(index).padStart(2, '0')}`;
    const nodeDir = join(dir, 'nodes', id);
    const identityDir = join(nodeDir, 'identity');
    await mkdir(identityDir, { recursive: true });
    await writeFile(join(keysDir, `${id}.pub`), await makeSigningKey(disk, identityDir));
    await copyFile(keys.publicKey, join(identityDir, 'hub.pub'));
    await copyFile(keys.recipients, join(identityDir, 'recipients.txt'));
    const configPath = join(nodeDir, 'node.yaml');
    const node = {
      ...{ commune: demoCommune, node: id, title: id, dataDir: '.', identityDir: 'identity' },
      ...{ camera: { driver: 'scene' }, clock: 'system' },
      uplink: { broker: `mqtt://127.0.0.1:${linkPort}`, mqtt: 5 },
    };
    await writeFile(configPath, stringify(node));
    nodes.push({ id, title: id, dir: nodeDir, configPath });
  }
  return { hubDir, hubConfigPath, nodes };
}
