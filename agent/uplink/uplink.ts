// Process 2 of a node: carries what lies in the spool to the hub, and the hub's word back. It holds no camera, no pin and no signing key, and it
// deletes nothing: it reads, sends, and renames what the hub has signed for.
import { setTimeout as pause } from 'node:timers/promises';
import type { Disk, NetLink, Notify } from '../../hal/ports.ts';
import { drainClasses } from '../../protocol/manifest.ts';
import type { Status } from '../../protocol/receipt.ts';
import type { VerifyingKey } from '../../protocol/sign.ts';
import { clientIdOf, root } from '../../protocol/topics.ts';
import type { NodeConfig } from '../core/config/schema.ts';
import { goodSessionMs, reconnectAfterMs } from '../core/retry.ts';
import { joinLocal, type RecorderMessage } from '../local.ts';
import type { Log } from '../log.ts';
import type { Membership } from '../membership.ts';
import { openOutbox } from '../outbox.ts';
import { besideRefuge, refugeDir } from '../refuge.ts';
import { openDesk } from './desk.ts';
import { openInbox } from './inbox.ts';
import { type Incoming, type Link, openLink } from './link.ts';
import { openLiveOut } from './live.ts';
import { readUse, startMeter } from './meter.ts';
import { encode } from './news.ts';
import { openNonces } from './nonce.ts';
import { openRenewal } from './renewal.ts';
import { startReports } from './reports.ts';
import { openSeenCommands } from './seen-commands.ts';
import { runSession } from './session.ts';
import { openHubTime } from './time.ts';

export interface UplinkWorld {
  readonly disk: Disk;
  readonly config: Pick<NodeConfig, 'commune' | 'node' | 'title' | 'uplink'>;
  /** Absolute. */
  readonly dataDir: string;
  /** The recorder's socket. */
  readonly socketPath: string;
  readonly hubKey: VerifyingKey;
  readonly release: string;
  readonly configSha256: string;
  /** No clock is believed that is before this (Unix ms). */
  readonly floorMs: number;
  /** Whether the system's clock has a witness. */
  readonly systemIsTrusted: () => boolean;
  /** Memory, not the card, where the recorder lays what is live. Absolute. */
  readonly runDir: string;
  readonly identityDir: string;
  /** Undefined on a node that has not joined: then only a plain broker can be reached. */
  readonly membership: Membership | undefined;
  /** The network as the kernel counts it. */
  readonly links: () => Promise<readonly NetLink[]>;
  readonly notify: Pick<Notify, 'ready' | 'alive' | 'stopping'>;
  readonly log: Log;
}

/** The longest wait between two tries is 30 s, and a connection that is opened has 30 s to answer: who has not even tried for so long hangs. */
const triedMsMax = 90_000;
const pingEveryMs = 20_000;
/** DISCONNECT and the last status must fit into the two seconds that stopping may take. */
const lastWordMsMax = 1000;

/** What is still to be said when it begins anew: the answer to the command that asked for it. */
const anewAfterMs = 1500;

/**
 * Runs until the signal aborts, or until it must begin anew with another configuration; then says `stopped` and ends within two seconds.
 * Throws only for bugs.
 */
export async function runUplink(world: UplinkWorld, stop: AbortSignal): Promise<void> {
  const { disk, config, log } = world;
  const anew = new AbortController();
  const signal = AbortSignal.any([stop, anew.signal]);
  const monoMs = () => performance.now();
  const time = openHubTime(world.floorMs, monoMs, Date.now, world.systemIsTrusted);
  const { membership } = world;
  const renewal =
    membership === undefined
      ? undefined
      : openRenewal(
          { ...world, membership, time, monoMs, withdrawn: (order) => void desk.commands.takeFinal(order) },
          signal,
        );
  const nonces = openNonces(monoMs);
  const seen = await openSeenCommands(disk, world.dataDir);
  const monthUse = await readUse(disk, world.dataDir);
  // From here on nothing is awaited before all that hears and is told stands: the recorder may speak at once.
  const joined = () => {
    // What was written before we could hear a doorbell.
    for (const drainClass of drainClasses) desk.queue.ring(drainClass);
    desk.bell.ring();
    desk.troubles.tellAgain();
    desk.tellTime();
  };
  const ears = { heard: (message: RecorderMessage) => hear(message), joined };
  const recorder = joinLocal(world.socketPath, ears, signal);
  const outbox = openOutbox(besideRefuge(disk, disk, world.dataDir, refugeDir(world.runDir)), world.dataDir);
  const live = openLiveOut(
    { ...config, disk, runDir: world.runDir },
    () => link.state === 'online',
    () => desk.bell.ring(),
  );
  const desk = openDesk({
    ...config,
    ...{ hubKey: world.hubKey, outbox, recorder, time, nonces, seen, live, monoMs, log },
    onCommand: ({ name }) => {
      if (name === 'restart' || name === 'withdraw') beginAnew('as the hub asks');
    },
  });
  const inbox = openInbox(async (messages) => {
    await takeMessages(messages);
    desk.bell.ring();
  }, desk.unreadable);
  const meter = startMeter(
    {
      ...{ disk, dataDir: world.dataDir, wallMs: time.wallMs, monoMs, troubles: desk.troubles },
      links: world.links,
      turned: desk.bell.ring,
    },
    { link: config.uplink.link, monthlyBytes: config.uplink.monthlyMiB * 1048576 },
    monthUse,
    signal,
  );
  const link = { state: 'offline' as 'online' | 'offline', sessions: 0, boot: '', config: '', release: world.release };
  const reports = startReports(desk, recorder, time, () => ({ ...link, dropped: inbox.dropped() }), meter, signal);

  const progress = { triedMs: monoMs() };
  const tried = () => {
    progress.triedMs = monoMs();
  };
  const status = (state: Status['state']): Status => {
    const { boot, release } = link;
    const nonce = time.isKnown() ? {} : { nonce: nonces.current() };
    return { state, sinceMs: Math.round(time.wallMs()), release, boot, title: config.title, ...nonce };
  };
  /** Commands first. */
  const takeMessages = async (messages: readonly Incoming[]): Promise<void> => {
    for (const { topic, payload, retained } of messages)
      if (topic.endsWith('/in/command')) await desk.commands.take(payload, retained);
    const receipts = messages.filter(({ topic }) => topic.endsWith('/in/receipt'));
    if (receipts.length > 0) await desk.receipts.take(receipts.map(({ payload }) => payload));
  };
  const hear = (message: RecorderMessage): void => {
    switch (message.is) {
      case 'doorbell':
        desk.queue.ring(message.class);
        break;
      case 'vitals':
        reports.vitals(message.vitals);
        break;
      case 'status':
        link.boot = message.boot;
        link.release = message.release;
        desk.news.say('config', { sha256: message.configSha256, error: message.configError });
        // Only where it changes under us: a recorder that has not read the newest file yet is no reason to begin anew for ever.
        if (link.config !== '' && link.config !== message.configSha256 && message.configSha256 !== world.configSha256)
          beginAnew('another configuration');
        link.config = message.configSha256;
        if (link.state === 'online') desk.news.say('status', status('online'));
        break;
      case 'reply':
        desk.news.reply(message.reply);
        break;
      case 'live':
        live.laid(message.session, message.file);
        break;
    }
    desk.bell.ring();
  };
  const beginAnew = (why: string) => {
    log('info', 'beginning anew', { why });
    setTimeout(() => anew.abort(), anewAfterMs).unref();
  };
  desk.news.say('config', { sha256: world.configSha256 });

  /** True after a good session: it lived, or the hub took something. */
  const connectOnce = async (): Promise<boolean> => {
    tried();
    const topic = `${root(config.commune, config.node)}/out/status`;
    const { uplink, commune, node } = config;
    const options = {
      url: uplink.broker,
      protocolVersion: uplink.mqtt,
      clientId: clientIdOf(commune, node),
      will: { topic, payload: encode(status('offline')) },
      trusted: renewal?.trusted(),
    };
    const opened = await openLink(options, inbox.put, signal);
    if (!opened.ok) {
      renewal?.refused();
      log('info', 'no connection', { broker: uplink.broker, why: opened.text });
      return false;
    }
    const [startedMs, deliveredBefore] = [monoMs(), desk.counts.delivered];
    renewal?.connected();
    link.state = 'online';
    link.sessions += 1;
    desk.news.say('status', status('online'));
    reports.now();
    log('info', 'connected', { broker: uplink.broker, mqtt: uplink.mqtt });
    const why = await runSession(
      desk,
      opened.link,
      { commune, node, monoMs, mayGo: meter.mayGo, turned: tried },
      signal,
    );
    if (signal.aborted) await sayFarewell(opened.link, topic);
    await opened.link.end(signal.aborted);
    link.state = 'offline';
    reports.now();
    log('info', 'connection ended', { why, seconds: Math.round((monoMs() - startedMs) / 1000) });
    return monoMs() - startedMs > goodSessionMs || desk.counts.delivered > deliveredBefore;
  };
  const sayFarewell = async (to: Link, topic: string) => {
    const say = async () => {
      // How much waits is what the desk shows until the node is back.
      await reports.last();
      for (let note = desk.news.take(); note !== undefined; note = desk.news.take())
        await to.publish(note.topic, note.payload, { qos: note.qos, retain: note.retain });
      await to.publish(topic, encode(status('stopped')), { qos: 1, retain: true });
    };
    await Promise.race([say(), pause(lastWordMsMax, undefined, { ref: false })]);
  };

  world.notify.ready();
  const pinging = setInterval(() => {
    if (monoMs() - progress.triedMs < triedMsMax) world.notify.alive();
  }, pingEveryMs);
  for (let failures = 0; !signal.aborted; ) {
    failures = (await connectOnce()) ? 0 : failures + 1;
    const waitMs = reconnectAfterMs(failures, Math.random());
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
  }
  clearInterval(pinging);
  world.notify.stopping();
  await Promise.all([recorder.ended, reports.settle(), meter.ended, desk.settle()]);
}
