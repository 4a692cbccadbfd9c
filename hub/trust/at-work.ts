// The trust at work while the hub runs: the enrolment door, revocations in force, refusals of the broker told.
import { createPublicKey } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { connectAsync, type IClientOptions } from 'mqtt';
import type { Log } from '../../agent/log.ts';
import { hubIdentity } from '../../protocol/enrol.ts';
import { bracketed, brokerAt } from '../../protocol/host.ts';
import { readSigningKey } from '../../protocol/sign.ts';
import type { Audit } from '../audit.ts';
import type { EmbeddedBroker } from '../broker.ts';
import { type BrokerLog, followBrokerLog } from '../broker-log.ts';
import type { Catalog } from '../catalog.ts';
import type { CatalogReader } from '../catalog-read.ts';
import type { HubConfig } from '../config.ts';
import type { Dispatch } from '../dispatch.ts';
import type { Refusals } from '../refusals.ts';
import { openRepositoryDoor } from '../rollout/repository-door.ts';
import { openAdmit } from './admit.ts';
import { makeKeys } from './ca.ts';
import { type Door, openDoor } from './door.ts';
import { answerHere } from './here.ts';
import { isCommonName, type Trust } from './trust.ts';
import { hangUp, type Watch, watchTrust } from './watch.ts';

export interface TrustAtWork {
  /** `host:port` of the enrolment door, as tickets name it. */
  readonly doors: readonly string[];
  readonly watch: Watch;
  readonly brokerLog: BrokerLog | undefined;
  close(): Promise<void>;
}

export interface TrustWorld {
  readonly config: HubConfig;
  /** PKCS8, PEM. */
  readonly signingKey: string;
  /** Whom nodes seal for. */
  readonly recipients: readonly string[];
  readonly reader: Pick<CatalogReader, 'lastRecord'>;
  readonly catalog: Pick<Catalog, 'find'>;
  /** What a node sends now would be stored. */
  readonly taking: () => Promise<boolean>;
  readonly dispatch: Pick<Dispatch, 'send' | 'signed'>;
  readonly embedded: EmbeddedBroker | undefined;
  readonly refusals: Refusals;
  readonly audit: Pick<Audit, 'append'>;
  readonly log: Log;
}

const withdraw = { name: 'withdraw', args: {} } as const;
/** A node that does not answer in this time is cut off all the same, and told when it asks why. */
const withdrawWaitMs = 3000;
const kickAgainMs = [5000, 20_000];
const wallMs = () => Date.now();

export async function putTrustToWork(trust: Trust, world: TrustWorld): Promise<TrustAtWork> {
  const { config, embedded, audit, log } = world;
  const { commune, keysDir } = config;
  const doors: string[] = [];
  const admit = openAdmit(trust, {
    ...{ commune, keysDir, hubs: doors, broker: brokerForNodes(config, embedded), mqtt: config.mqtt, wallMs },
    hubKey: createPublicKey(world.signingKey).export({ type: 'spki', format: 'pem' }).toString(),
    recipients: world.recipients,
    lastRecord: world.reader.lastRecord,
    withdrawal: (node) => world.dispatch.signed(node, withdraw),
  });
  const told: Parameters<typeof openDoor>[0]['told'] = ({ ok, is, node, why, from }) => {
    log(ok ? 'info' : 'warn', 'enrolment', { ok, is, node, why, from });
    if (!ok) world.refusals.refused({ who: node, what: 'connect', text: `${is} from ${from}: ${why}` });
    else if (is === '/enrol')
      audit
        .append({ actor: 'hub', action: 'enrol', subject: `node ${node}`, details: { from } })
        .catch((error: unknown) => log('error', 'audit cannot be written', { error: String(error) }));
  };
  const key = await readSigningKey(world.signingKey);
  const here = (node: string, body: unknown) => answerHere({ ...world, commune, key, wallMs }, node, body);
  const door: Door = await openDoor({
    ...{ server: trust.server, listen: config.enrolListen, admit, here, told, log },
    repository: openRepositoryDoor(config.releasesDir),
    monoMs: () => performance.now(),
  });
  doors.push(...config.addresses.map((address) => `${bracketed(address)}:${door.port}`));

  const timers = new Set<NodeJS.Timeout>();
  const later = (afterMs: number, work: () => Promise<void>) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void work();
    }, afterMs);
    timers.add(timer);
  };
  const watch = watchTrust(trust, {
    keysDir,
    withdrawn: async (node) => {
      const answer = await world.dispatch.send(node, withdraw, withdrawWaitMs);
      log('info', 'withdrawal told', { node, ok: answer.ok, text: answer.text });
    },
    listed: async (crl) => {
      embedded?.revoked(crl, new Set(trust.roll.revoked(wallMs()).map(({ serial }) => serial)));
      if (config.mosquitto?.pid !== undefined) await hangUp(config.mosquitto.pid);
    },
    renewed: (server) => {
      door.renewed(server);
      embedded?.renewed(server);
    },
    kick: async (nodes) => {
      if (embedded !== undefined || !config.broker.startsWith('mqtts:')) return;
      for (const node of nodes) await takeOver(trust, config, node, log);
      // Whoever tells the broker to read its list again (systemd, by a path unit) may have been slower than the node was to come back.
      const gone = nodes.filter((node) => trust.roll.node(node)?.state !== 'active');
      for (const afterMs of kickAgainMs)
        for (const node of gone) later(afterMs, () => takeOver(trust, config, node, log));
    },
    ...{ wallMs, log },
  });
  await watch.look();
  const brokerLog =
    config.mosquitto === undefined
      ? undefined
      : followBrokerLog(config.mosquitto.log, commune, world.refusals.refused, log);
  return {
    ...{ doors, watch, brokerLog },
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([door.close(), watch.close(), brokerLog?.close()]);
    },
  };
}

export function brokerForNodes(config: HubConfig, embedded: Pick<EmbeddedBroker, 'url' | 'port'> | undefined): string {
  if (config.brokerForNodes !== undefined) return config.brokerForNodes;
  const [address = '127.0.0.1'] = config.addresses;
  const { port, isTls } = brokerAt(embedded?.url ?? config.broker);
  return `${isTls ? 'mqtts' : 'mqtt'}://${bracketed(address)}:${port}`;
}

/**
 * A broker that allows one connection for each identity (mosquitto's use_username_as_clientid) ends the earlier one when another comes: we come,
 * for a moment, with a certificate in the node's name. The node's own is on the list by then and does not come in again.
 */
async function takeOver(trust: Trust, { commune, broker, mqtt }: HubConfig, node: string, log: Log): Promise<void> {
  const keys = makeKeys();
  const subject = { commonName: node, use: 'client', publicKey: keys.publicPem } as const;
  const issued = await trust.ca.issue({ ...subject, nowMs: wallMs(), days: 1 });
  try {
    const tls: ConnectionOptions = {
      ...{ ca: trust.ca.certificatePem, cert: issued.pem, key: keys.privatePem },
      checkServerIdentity: isCommonName(hubIdentity(commune)),
    };
    const client = await connectAsync(broker, {
      ...(tls as IClientOptions),
      ...{ clientId: `kick-${node}`, protocolVersion: mqtt, reconnectPeriod: 0, connectTimeout: 5000 },
    });
    client.on('error', () => undefined);
    await client.endAsync(true);
    log('info', 'connection ended', { node });
  } catch (error) {
    log('warn', 'connection could not be ended', { node, error: String(error) });
  }
}
