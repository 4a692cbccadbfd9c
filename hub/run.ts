// The hub, put together and started; and everything it started, stopped.
import { once } from 'node:events';
import type { Log } from '../agent/log.ts';
import type { Disk } from '../hal/ports.ts';
import { openBroker } from './broker.ts';
import type { CatalogReader } from './catalog-read.ts';
import { type Changes, openChanges } from './changes.ts';
import type { HubConfig } from './config.ts';
import { openControl } from './control.ts';
import { type Counts, openCounts, type Summary } from './counts.ts';
import { openAcks } from './desk/acks.ts';
import { openCases } from './desk/cases.ts';
import { type Contact, openContact } from './desk/contact.ts';
import { openDaySigns } from './desk/day.ts';
import { openDesk as openBook } from './desk/desk.ts';
import type { Dispatch } from './dispatch.ts';
import { type CaseAsked, openCaseExport } from './export/case.ts';
import { openExport } from './export/export.ts';
import type { ExportAsked } from './export/work.ts';
import { type Hold, openHold } from './hold.ts';
import { recipientsOf } from './keys.ts';
import type { Live } from './live.ts';
import { openRefusals, type Refusals } from './refusals.ts';
import { type Reindexed, reindex } from './reindex.ts';
import { openResend } from './resend.ts';
import { type OutlookWatch, watchOutlook } from './retention/outlook.ts';
import { openRetention, type Retention, recallDeleted } from './retention/retention.ts';
import type { Releases } from './rollout/acts.ts';
import { openRollouts, type Rollouts } from './rollout/drive.ts';
import { openTaking } from './taking.ts';
import { putTrustToWork, type TrustAtWork } from './trust/at-work.ts';
import { trustPaths } from './trust/files.ts';
import { openTrust, type Trust } from './trust/trust.ts';
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
  const taking = await openTaking(config, disk, hold, {
    ...{ counts, changes, contact, trust, broker: brokerUrl, embedded: broker, log },
  });
  // In this order at the end: what is being stored, the last count, receipts, then the connection they need.
  const last = { summary: undefined as Summary | undefined };
  undo.defer(() => taking.link.close());
  undo.defer(() => {
    taking.live.close();
    taking.dispatch.close();
  });
  undo.defer(() => taking.receipts.close());
  undo.defer(() => {
    last.summary = summary();
  });
  undo.defer(() => taking.intake.close());

  const trusted =
    trust === undefined
      ? undefined
      : await putTrustToWork(trust, {
          ...hold,
          config,
          recipients: (await recipientsOf(config.unsealKey)).all,
          taking: async () => taking.link.isConnected() && (await taking.room.isEnough()),
          dispatch: taking.dispatch,
          embedded: broker,
          refusals,
          log,
        });
  undo.defer(() => trusted?.close());

  const { isConnected } = taking.link;
  const { dispatch, live } = taking;
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

  const resend = openResend({ ...hold, dispatch, receipts: taking.receipts });
  const control = await openControl({ dataDir: config.dataDir, carry: taking.carry, resend });
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

function summaryOf(reader: CatalogReader, counts: Counts): Summary {
  const chainGaps = reader.nodes().reduce((sum, { node }) => sum + reader.chain(node).gaps, 0);
  return { ...reader.totals(), ...counts.figures(), chainGaps };
}
