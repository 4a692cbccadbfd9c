// hub.yaml: what a hub needs to know. Paths are relative to the file.
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { type ConfigFault, readYaml } from '../agent/core/config/read.ts';
import { nameSchema } from '../protocol/identity.ts';

const port = z.int().min(0).max(65_535);
const loopback = z.enum(['127.0.0.1', '::1', 'localhost']);
const host = z.string().min(1).max(253);
const path = z.string().min(1);
const days = z.int().min(1).max(36_500);

export const hubConfigSchema = z.strictObject({
  commune: nameSchema,
  /** Holds `archive/`, `incoming/`, `conflicts/`, `tmp/` and the catalogue. */
  dataDir: path.default('data'),
  /** Public keys of the nodes, `<node>.pub`: Ed25519, SPKI PEM. A file that comes or goes counts within seconds. */
  keysDir: path.default('keys'),
  /** Ed25519, PKCS8 PEM. */
  signingKey: path.default('hub.key.pem'),
  /** age identity file. */
  unsealKey: path.default('key.txt'),
  /** The page in clear, on this machine alone. Port 0 takes a free one. */
  listen: z.strictObject({ host: loopback.default('127.0.0.1'), port: port.default(8080) }).prefault({}),
  /** The page for the commune's other machines and the TV, by TLS with a certificate of the commune's CA; left out: for this machine alone. */
  pageListen: z.strictObject({ host: host.default('0.0.0.0'), port: port.default(8443) }).optional(),
  broker: z
    .string()
    .regex(/^(?:embedded|mqtts?:\/\/.+)$/, 'must be embedded, or begin with mqtt:// or mqtts://')
    .default('embedded'),
  /** Where the embedded broker listens. Without trust (below) it lets everybody do everything, so only this machine may reach it. */
  brokerListen: z.strictObject({ host: host.default('127.0.0.1'), port: port.default(1883) }).prefault({}),
  /** What `matlang hub init` founded: CA, certificates, roll. Where the folder is missing, all is plain and on this machine alone. */
  trustDir: path.default('trust'),
  /** Names and addresses under which nodes and browsers reach this machine; the first one stands in tickets and links. */
  addresses: z.array(host).min(1).max(4).default(['127.0.0.1']),
  /** What nodes are told to connect to; left out: the first address and the broker's port. */
  brokerForNodes: z
    .string()
    .regex(/^mqtts?:\/\/.+$/, 'must begin with mqtt:// or mqtts://')
    .optional(),
  /** The repository of signed releases that nodes fetch from. */
  releasesDir: path.default('releases'),
  /** The key that publishes them (`matlang release keys`), where it is there: Ed25519, PKCS8 PEM. */
  releasesKey: path.default('releases.key.pem'),
  /** Where new nodes come with a ticket, and known ones have their certificate renewed. */
  enrolListen: z.strictObject({ host: host.default('0.0.0.0'), port: port.default(8884) }).prefault({}),
  /** mosquitto's log, where it says whom it refused, and its process, to be told of revocations; left out with another broker. */
  mosquitto: z.strictObject({ log: path, pid: path.optional() }).optional(),
  /** 4 is MQTT 3.1.1. Left out: 4 with the embedded broker, else 5. */
  mqtt: z.union([z.literal(4), z.literal(5)]).optional(),
  /** How long what came is kept; left out: for ever. What is held, or in a case, stays whatever stands here. */
  retention: z
    .strictObject({
      alarmDays: days.default(90),
      eventDays: days.default(30),
      /** What was asked back from a node, and segments that belong to nothing. */
      lookbackDays: days.default(30),
      /** Vitals, logs and traces: no pictures. */
      logDays: days.default(365),
      /** More than this, and the oldest events go before their days are over. */
      quotaGiB: z.number().positive().max(1_000_000).optional(),
    })
    .optional(),
  /** Less free room than this, and the hub takes nothing more. */
  keepFreeMiB: z.int().min(0).max(1_000_000).default(256),
});

export interface HubConfig extends Omit<z.output<typeof hubConfigSchema>, 'mqtt'> {
  readonly mqtt: 4 | 5;
}
export type HubConfigRead = { ok: true; config: HubConfig } | { ok: false; faults: readonly ConfigFault[] };

/** `fileName` is the file's path: faults name it, and the paths in it begin at its folder. */
export function readHubConfig(text: Uint8Array | string, fileName: string): HubConfigRead {
  const read = readYaml(text, fileName, hubConfigSchema);
  return read.ok ? { ok: true, config: settle(read.config, dirname(resolve(fileName))) } : read;
}

/** Paths made absolute, what follows from other keys filled in. */
export function settle(config: z.output<typeof hubConfigSchema>, folder: string): HubConfig {
  const at = (relative: string) => resolve(folder, relative);
  return {
    ...config,
    dataDir: at(config.dataDir),
    keysDir: at(config.keysDir),
    signingKey: at(config.signingKey),
    unsealKey: at(config.unsealKey),
    trustDir: at(config.trustDir),
    releasesDir: at(config.releasesDir),
    releasesKey: at(config.releasesKey),
    mosquitto:
      config.mosquitto === undefined
        ? undefined
        : {
            log: at(config.mosquitto.log),
            ...(config.mosquitto.pid === undefined ? {} : { pid: at(config.mosquitto.pid) }),
          },
    // The embedded broker speaks 3.1.1 only, whatever was asked for.
    mqtt: config.broker === 'embedded' ? 4 : (config.mqtt ?? 5),
  };
}
