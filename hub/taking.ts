// What takes records in and answers for them: over a broker, or from a stick where no hub is running.
import { join } from 'node:path';
import type { Log } from '../agent/log.ts';
import type { Disk } from '../hal/ports.ts';
import { hubIdentity } from '../protocol/enrol.ts';
import { readSigningKey } from '../protocol/sign.ts';
import type { EmbeddedBroker } from './broker.ts';
import { type Carry, openCarry } from './carry.ts';
import { type Changes, openChanges } from './changes.ts';
import type { HubConfig } from './config.ts';
import { type Counts, openCounts } from './counts.ts';
import type { Contact } from './desk/contact.ts';
import { openDispatch } from './dispatch.ts';
import { type Hold, openHold } from './hold.ts';
import { openIncoming } from './incoming.ts';
import { openIntake } from './intake.ts';
import { openLink } from './link.ts';
import { openLive } from './live.ts';
import { openReceipts } from './receipts.ts';
import { reindex } from './reindex.ts';
import { openRoom } from './room.ts';
import { isCommonName, type Trust } from './trust/trust.ts';

export interface TakingWorld {
  readonly counts: Counts;
  readonly changes: Changes;
  readonly contact: Pick<Contact, 'here' | 'gone'>;
  readonly trust: Trust | undefined;
  readonly broker: string;
  readonly embedded: EmbeddedBroker | undefined;
  readonly log: Log;
}

/** What takes records in and answers for them, over a broker. */
export async function openTaking(config: HubConfig, disk: Disk, hold: Hold, world: TakingWorld) {
  const { commune, mqtt } = config;
  const { changes, contact, trust, broker, embedded, log } = world;
  const taker = await openTaker(config, disk, hold, world, {
    publish: (topic, payload) => link.publish(topic, payload),
    isConnected: () => link.isConnected(),
  });
  const told = (isConnected: boolean) => {
    if (isConnected) embedded?.letNodesIn();
    // Without the broker nobody knows who is there.
    else contact.gone();
    changes.tell({ is: 'nodes' });
  };
  // The library speaks TLS to any broker as soon as it is given a certificate.
  const tls =
    trust === undefined || !broker.startsWith('mqtts:')
      ? undefined
      : {
          ...{ ca: trust.ca.certificatePem, ...trust.client },
          checkServerIdentity: isCommonName(hubIdentity(commune)),
        };
  const client = { broker, mqtt, commune, tls, clientId: embedded?.ownClientId };
  const link = openLink(client, taker.intake.receive, told, log);
  return { ...taker, link };
}

/** The same without the broker: `way` is how answers leave. */
async function openTaker(
  config: HubConfig,
  disk: Disk,
  hold: Hold,
  { counts, changes, contact, log }: Pick<TakingWorld, 'counts' | 'changes' | 'contact' | 'log'>,
  { publish, isConnected }: { publish: (topic: string, payload: string) => void; isConnected: () => boolean },
) {
  const { commune, dataDir } = config;
  const key = await readSigningKey(hold.signingKey);
  const incoming = await openIncoming(join(dataDir, 'incoming'));
  const room = openRoom(
    disk,
    dataDir,
    config.keepFreeMiB * 1024 * 1024,
    () => performance.now(),
    (isEnough, freeBytes) => {
      log(isEnough ? 'info' : 'error', isEnough ? 'enough room again' : 'no receipts: disk nearly full', { freeBytes });
      if (!isEnough)
        hold.catalog.hubFault({ atMs: Date.now(), node: '', code: 'disk-full', text: `${dataDir}: nearly full` });
    },
  );
  const receipts = openReceipts(commune, key, publish, Date.now);
  const dispatch = openDispatch({ commune, key, publish, isConnected, wallMs: Date.now });
  const live = openLive(dispatch);
  const intake = openIntake({
    ...{ ...hold, commune, incoming, receipts, dispatch, live, counts, changes, contact, room },
    ...{ wallMs: Date.now, log },
  });
  const carry = openCarry({ ...{ commune, key, intake, wallMs: Date.now }, catalog: hold.catalog, audit: hold.audit });
  return { receipts, dispatch, live, intake, carry, room };
}

const nobody = { here: () => undefined, gone: () => undefined };

/** Takes a stick in where no hub is running. Throws where one is. */
export async function openCarryAlone(
  config: HubConfig,
  disk: Disk,
  log: Log,
): Promise<Carry & { close(): Promise<void> }> {
  const hold = await openHold(config, disk, log);
  try {
    await reindex({ commune: config.commune, wallMs: Date.now, log, ...hold }, hold.fresh);
    const world = { counts: openCounts(() => 0), changes: openChanges(), contact: nobody, log };
    const nowhere = { publish: () => undefined, isConnected: () => false };
    const { carry, intake } = await openTaker(config, disk, hold, world, nowhere);
    const close = async () => {
      await intake.close();
      await hold.close();
    };
    return { ...carry, close };
  } catch (error) {
    await hold.close();
    throw error;
  }
}
