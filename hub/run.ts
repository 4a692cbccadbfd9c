// The hub, put together and started; and everything it started, stopped.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { holdLock } from '../agent/lock.ts';
import type { Log } from '../agent/log.ts';
import type { Disk } from '../hal/ports.ts';
import { hubIdentity } from '../protocol/enrol.ts';
import { opener } from '../protocol/open.ts';
import { readSigningKey } from '../protocol/sign.ts';
import { type Archive, openArchive } from './archive.ts';
import { type Audit, openAudit } from './audit.ts';
import { type EmbeddedBroker, openBroker } from './broker.ts';
import { type Carry, openCarry } from './carry.ts';
import { type Catalog, openCatalog } from './catalog.ts';
import { type CatalogReader, readCatalog } from './catalog-read.ts';
import { type Changes, openChanges } from './changes.ts';
import type { HubConfig } from './config.ts';
import { openControl } from './control.ts';
import { type CounterSigner, openCounterSigner } from './counter-sign.ts';
import { type Counts, openCounts, type Summary } from './counts.ts';
import { keyPath } from './credential.ts';
import { openAcks } from './desk/acks.ts';
import { openCases } from './desk/cases.ts';
import { type Contact, openContact } from './desk/contact.ts';
import { openDaySigns } from './desk/day.ts';
import { openDesk as openBook } from './desk/desk.ts';
import { type Dispatch, openDispatch } from './dispatch.ts';
import { type CaseAsked, openCaseExport } from './export/case.ts';
import { type ExportAsked, openExport } from './export/export.ts';
import { type Holds, openHolds } from './holds.ts';
import { openIncoming } from './incoming.ts';
import { openIntake } from './intake.ts';
import { recipientsOf } from './keys.ts';
import { openLink } from './link.ts';
import { type Live, openLive } from './live.ts';
import { type NodeKeys, openNodeKeys } from './node-keys.ts';
import type { Open } from './open-details.ts';
import { openReceipts } from './receipts.ts';
import { openRefusals, type Refusals } from './refusals.ts';
import { type Reindexed, reindex } from './reindex.ts';
import { openResend } from './resend.ts';
import { type OutlookWatch, watchOutlook } from './retention/outlook.ts';
import { openRetention, type Retention, recallDeleted } from './retention/retention.ts';
import type { Releases } from './rollout/acts.ts';
import { openRollouts, type Rollouts } from './rollout/drive.ts';
import { openRoom } from './room.ts';
import { putTrustToWork, type TrustAtWork } from './trust/at-work.ts';
import { trustPaths } from './trust/files.ts';
import { isCommonName, openTrust, type Trust } from './trust/trust.ts';
import { readUnsealKey } from './unseal-key.ts';
import { openUnsealed } from './unsealed.ts';
import { type Server, serve, type TlsAt } from './web/serve.ts';

export interface RunningHub {
  /** Address of the page. */
  readonly url: string;
  /** The page for other machines. */
  readonly page: Pick<Server, 'tlsUrl' | 'renew'>;
  /** Address of the broker that nodes should use, as this hub sees it. */
  readonly broker: string;
  readonly reindexed: Reindexed;
  isConnected(): boolean;
  /** Undefined where no trust was founded. */
  readonly trust: TrustAtWork | undefined;
  readonly refusals: Refusals;
  readonly contact: Pick<Contact, 'spans'>;
  readonly dispatch: Dispatch;
  readonly live: Live;
  readonly rollouts: Rollouts;
  /** Undefined where nothing is deleted. */
  readonly retention: Retention | undefined;
  summary(): Summary;
  /** Resolves when the signal has aborted and everything has ended, with the last summary. */
  readonly stopped: Promise<Summary>;
}

/**
 * Resolves when the page and the embedded broker listen and the catalogue agrees with the archive; the broker named in the configuration may
 * come later. Rejects when a key cannot be read, a port is taken, or another hub works in the same data folder.
 */
export async function runHub(
  config: HubConfig,
  disk: Disk,
  signal: AbortSignal,
  log: Log,
  releases: Releases = noRepository,
): Promise<RunningHub> {
  const startMs = performance.now();
  await using undo = new AsyncDisposableStack();
  const hold = await openHold(config, disk, log);
  undo.defer(() => hold.close());
  const reindexed = await reindex({ commune: config.commune, wallMs: Date.now, log, ...hold }, hold.fresh);

  const trust = await openTrust(config.trustDir);
  undo.defer(() => trust?.close());
  const refusals = openRefusals(hold.catalog.hubFault, Date.now, log);
  const broker = config.broker === 'embedded' ? await embeddedBroker(config, trust, refusals, log) : undefined;
  undo.defer(() => broker?.close());
  const brokerUrl = broker?.url ?? config.broker;

  const book = openBook(config.dataDir, Date.now);
  undo.defer(() => book.close());
  const contact = openContact(book.store, Date.now);
  undo.defer(() => contact.close());
  const counts = openCounts(() => performance.now() - startMs);
  const changes = openChanges();
  // Once, before anybody asks: a year of a hundred nodes takes a while.
  for (const { node } of hold.reader.nodes()) hold.reader.chain(node);
  const summary = () => summaryOf(hold.reader, counts);
  const desk = await openDesk(config, disk, hold, {
    ...{ counts, changes, contact, trust, broker: brokerUrl, embedded: broker, log },
  });
  // In this order at the end: what is being stored, the last count, receipts, then the connection they need.
  const last = { summary: undefined as Summary | undefined };
  undo.defer(() => desk.link.close());
  undo.defer(() => {
    desk.live.close();
    desk.dispatch.close();
  });
  undo.defer(() => desk.receipts.close());
  undo.defer(() => {
    last.summary = summary();
  });
  undo.defer(() => desk.intake.close());

  const trusted =
    trust === undefined
      ? undefined
      : await putTrustToWork(trust, {
          ...hold,
          config,
          recipients: (await recipientsOf(config.unsealKey)).all,
          taking: async () => desk.link.isConnected() && (await desk.room.isEnough()),
          dispatch: desk.dispatch,
          embedded: broker,
          refusals,
          log,
        });
  undo.defer(() => trusted?.close());

  const { isConnected } = desk.link;
  const { dispatch, live } = desk;
  const unsealed = openUnsealed();
  const acks = openAcks(hold.catalog.db, book.store);
  const cases = openCases(book.store);
  recallDeleted(hold.catalog);
  const parts = {
    ...hold,
    disk,
    cases,
    store: book.store,
    changes,
    wallMs: Date.now,
    monoMs: () => performance.now(),
    log,
  };
  const retention = config.retention === undefined ? undefined : openRetention({ ...parts, rules: config.retention });
  undo.defer(() => retention?.close());
  await retention?.lookAtClock();
  const outlook = await openOutlook(config, disk, hold, changes);
  undo.defer(outlook.close);
  const rollouts = openRollouts({ ...hold, store: book.store, dispatch, changes, wallMs: Date.now, log });
  undo.defer(() => rollouts.close());
  const { commune, keysDir, trustDir } = config;
  const { caCertificate } = trustPaths(trustDir);
  const exporter = { ...hold, db: hold.catalog.db, commune, keysDir, caCertificate, wallMs: Date.now, log };
  const server = await serve(
    {
      ...{
        ...hold,
        db: hold.catalog.db,
        desk: book,
        acks,
        releases,
        signs: openDaySigns(hold.catalog.db, contact),
        exportCase: (asked: ExportAsked) => openExport(exporter, asked),
        exportWhole: (asked: CaseAsked) => openCaseExport(exporter, asked),
        cases,
        outlook: outlook.now,
        retention: config.retention,
        changes,
        summary,
        isConnected,
        dispatch,
        live,
        unsealed,
      },
      ...{ wallMs: Date.now, log },
    },
    config.listen,
    pageFor(config, trust),
  );
  undo.defer(() => server.close());

  const resend = openResend({ ...hold, dispatch, receipts: desk.receipts });
  const control = await openControl({ dataDir: config.dataDir, carry: desk.carry, resend });
  undo.defer(() => control.close());

  // A full disk must not keep a hub from starting: it is the page that says so.
  const writeDown = async (action: 'start' | 'stop'): Promise<void> => {
    await hold.audit
      .append({ actor: 'hub', action, subject: 'hub' })
      .catch((error: unknown) => log('error', 'audit cannot be written', { error: String(error) }));
  };
  await writeDown('start');
  undo.defer(() => writeDown('stop'));
  const everything = undo.move();
  const stop = async (): Promise<Summary> => {
    if (!signal.aborted) await once(signal, 'abort');
    await everything.disposeAsync();
    if (last.summary === undefined) throw new Error('stopped without a last summary');
    return last.summary;
  };
  log('info', 'hub is up', { url: server.url, tlsUrl: server.tlsUrl, broker: brokerUrl, ...reindexed });
  return {
    url: server.url,
    page: server,
    broker: brokerUrl,
    reindexed,
    isConnected,
    trust: trusted,
    refusals,
    contact,
    dispatch,
    live,
    rollouts,
    retention,
    summary,
    stopped: stop(),
  };
}

/** The disk's outlook is known before the page is; when it darkens, the desk hears of it. */
async function openOutlook(config: HubConfig, disk: Disk, { catalog }: Hold, changes: Changes): Promise<OutlookWatch> {
  const { dataDir, keepFreeMiB } = config;
  const watch = watchOutlook(
    { disk, db: catalog.db, folder: dataDir, wallMs: Date.now },
    keepFreeMiB * 1024 ** 2,
    ({ state }) => {
      if (state === 'low')
        catalog.hubFault({ atMs: Date.now(), node: '', code: 'disk-low', text: `${dataDir}: will be full soon` });
      changes.tell({ is: 'nodes' });
    },
  );
  await watch.look();
  return watch;
}

function pageFor({ pageListen, addresses, commune, trustDir }: HubConfig, trust: Trust | undefined): TlsAt | undefined {
  if (pageListen === undefined) return undefined;
  if (trust === undefined)
    throw new Error(
      `pageListen must wait until \`matlang hub init\` has founded ${trustDir}: the page speaks TLS or stays here`,
    );
  return { ...pageListen, ca: trust.ca, commune, names: addresses };
}

const noRepository: Releases = async () => ({ ok: false, text: 'this hub holds no repository of releases' });

/** Where nothing says who is who, nobody from outside may come. */
function embeddedBroker(config: HubConfig, trust: Trust | undefined, { refused }: Refusals, log: Log) {
  const { host, port } = config.brokerListen;
  if (trust === undefined && !['127.0.0.1', '::1', 'localhost'].includes(host))
    throw new Error(
      `brokerListen.host must be 127.0.0.1 before \`matlang hub init\` has founded ${config.trustDir}, not ${host}`,
    );
  return openBroker({ host, port, commune: config.commune, trust, refused }, log);
}

interface DeskWorld {
  readonly counts: Counts;
  readonly changes: Changes;
  readonly contact: Pick<Contact, 'here' | 'gone'>;
  readonly trust: Trust | undefined;
  readonly broker: string;
  readonly embedded: EmbeddedBroker | undefined;
  readonly log: Log;
}

/** What takes records in and answers for them, over a broker. */
async function openDesk(config: HubConfig, disk: Disk, hold: Hold, world: DeskWorld) {
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
  { counts, changes, contact, log }: Pick<DeskWorld, 'counts' | 'changes' | 'contact' | 'log'>,
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

function summaryOf(reader: CatalogReader, counts: Counts): Summary {
  const chainGaps = reader.nodes().reduce((sum, { node }) => sum + reader.chain(node).gaps, 0);
  return { ...reader.totals(), ...counts.figures(), chainGaps };
}

/** Rebuilds the catalogue of a hub that is not running. */
export async function reindexHub(config: HubConfig, disk: Disk, log: Log): Promise<Reindexed> {
  const hold = await openHold(config, disk, log);
  try {
    return await reindex({ commune: config.commune, wallMs: Date.now, log, ...hold }, true);
  } finally {
    await hold.close();
  }
}

/** The data folder, held for this process alone. */
interface Hold {
  readonly archive: Archive;
  readonly audit: Audit;
  readonly catalog: Catalog;
  readonly counterSigner: CounterSigner;
  /** The catalogue was not there, or could not be used. */
  readonly fresh: boolean;
  readonly holds: Holds;
  readonly reader: CatalogReader;
  readonly keys: NodeKeys;
  readonly signingKey: string;
  readonly open: Open;
  close(): Promise<void>;
}

async function openHold(config: HubConfig, disk: Disk, log: Log): Promise<Hold> {
  const identity = await readUnsealKey(config.unsealKey);
  await disk.makeFolder(config.dataDir);
  const lock = holdLock(join(config.dataDir, 'lock.sqlite'));
  if (lock.is === 'taken') throw new Error(`${config.dataDir}: another hub is working here`);
  if (lock.is === 'impossible') throw new Error(`${config.dataDir} cannot be locked`, { cause: lock.cause });
  try {
    const archive = await openArchive(disk, config.dataDir);
    const { catalog, fresh } = openCatalog(join(config.dataDir, 'index.sqlite'));
    if (fresh) log('info', 'catalogue is built anew');
    const signingKey = await readFile(keyPath(config.signingKey), 'utf8');
    const key = await readSigningKey(signingKey);
    const audit = await openAudit({ disk, dataDir: config.dataDir, commune: config.commune, key, wallMs: Date.now });
    const keys = openNodeKeys(config.keysDir, signingKey, () => performance.now());
    const close = async () => {
      catalog.close();
      lock.release();
    };
    return {
      archive,
      audit,
      catalog,
      counterSigner: openCounterSigner(archive, config.commune, key, Date.now),
      fresh,
      holds: await openHolds(disk, config.dataDir, Date.now),
      reader: readCatalog(catalog.db),
      keys,
      signingKey,
      open: opener(identity).open,
      close,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
