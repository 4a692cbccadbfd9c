// Process 1: camera, pins, sound and vitals become segments, events and records in the spool. No network.
//
//   camera ─▶ fragments ─▶ footage ─▶ ring, pins, clips
//          ├▶ grey ─▶ motion ─┐
//          └▶ JPEG ─▶ stills   ├▶ witness ─▶ events
//   inputs, sound, commands ──┘
import { availableParallelism } from 'node:os';
import type { Board, Camera, CameraSight, Disk, Notify, PinsOpened, Sound } from '../../hal/ports.ts';
import type { Level, Manifest } from '../../protocol/manifest.ts';
import { cardTroubles } from '../card-trouble.ts';
import type { NodeConfig } from '../core/config/schema.ts';
import { settingsOf } from '../core/config/settings.ts';
import { updateMs } from '../core/events.ts';
import { createSchedule } from '../core/motion/armed.ts';
import { createMotion } from '../core/motion/motion.ts';
import { noProgress, type Progress, progressStep } from '../core/progress.ts';
import type { KeptClock } from '../keep-time.ts';
import type { LocalServer } from '../local.ts';
import type { Log } from '../log.ts';
import type { Measured } from '../measured.ts';
import type { Refuge } from '../refuge.ts';
import type { Draft, Maker, Spool } from '../spool.ts';
import { caption } from './caption.ts';
import { openCardCare } from './card-care.ts';
import { openCommands } from './commands.ts';
import { openCoverage } from './coverage.ts';
import { openFootage } from './footage.ts';
import { tellHealed } from './healed.ts';
import { watchInputs } from './inputs.ts';
import { mendInterrupted } from './interrupted.ts';
import { openLive } from './live.ts';
import { openOutputs } from './outputs.ts';
import { openOwed } from './owed.ts';
import { footageClass, openPinned, type Pinned } from './pinned.ts';
import { openRoom, roomRules } from './room.ts';
import { openRunning } from './running.ts';
import { openSoftware } from './software.ts';
import { watchSound } from './sound.ts';
import { openStills } from './stills.ts';
import { openTamperWatch } from './tamper.ts';
import { watchTime } from './time.ts';
import { openTrace } from './trace.ts';
import { openTroubles } from './troubles.ts';
import { openVitals } from './vitals.ts';
import { openWitness } from './witness.ts';

export interface RecorderWorld {
  readonly disk: Disk;
  readonly clock: KeptClock;
  readonly camera: Camera;
  readonly board: Board;
  readonly pins: PinsOpened;
  readonly sound: Sound;
  readonly notify: Notify;
  /** How long the oldest step on the card has been under way. */
  readonly cardWaitsMs: () => number;
  readonly spool: Spool;
  /** Where records go while the card refuses; `spool` works on its disk. */
  readonly refuge: Pick<Refuge, 'trouble' | 'enter' | 'copy' | 'settle'>;
  readonly maker: Maker;
  /** Absolute, as are the next two. */
  readonly dataDir: string;
  readonly identityDir: string;
  /** Memory, not the card; the uplink reads there too. */
  readonly runDir: string;
  /** Where releases are installed; undefined in a checkout. */
  readonly updateRoot?: string | undefined;
  readonly configFile: () => Promise<Uint8Array>;
  /** Ends this process in order, soon; whoever started it starts it again. */
  readonly restart: () => void;
  readonly local: LocalServer;
  /** What this board is; asked once. */
  readonly inventory: () => Promise<unknown>;
  /** Why this run began. */
  readonly began: { readonly cause: string; readonly text: string };
  readonly measured: Measured;
  readonly log: Log;
}

/** What the mains hand in so that what the uplink says reaches the recorder. */
export interface Recorder {
  readonly commands: ReturnType<typeof openCommands>;
  readonly troubles: ReturnType<typeof openTroubles>;
  link(state: 'online' | 'offline'): void;
  /** Runs until the signal aborts (or a film that does not repeat is over and `endWithFilm` is set); then finishes what is open. */
  run(signal: AbortSignal): Promise<void>;
}

/** Each ping is a process (Node has no datagram sockets); the service allows 30 s. */
const pingEveryMs = 10_000;
/** Ends that nobody asked for: the hub hears of each as a fault record. */
const untold: readonly string[] = ['watchdog', 'crash', 'out-of-memory', 'killed', 'hardware-watchdog', 'power-cut'];
/** It starts some forty programs; the first minute belongs to the camera. */
const inventoryAfterMs = 60_000;
const roomEveryMs = 30_000;
const roomAfterBytes = 64 * 1024 * 1024;

export async function openRecorder(world: RecorderWorld, config: NodeConfig): Promise<Recorder> {
  const { disk, clock, camera, spool, dataDir, local, log } = world;
  const now = () => stamp(clock);
  const linkState = { online: false };
  const payment = { running: undefined as Promise<void> | undefined, unmended: false };
  let progress: Progress = noProgress;
  let pingedMonoMs = Number.NEGATIVE_INFINITY;
  const tally = { framesAnalysed: 0, firstFrameMonoMs: -1, lastFrameMonoMs: -1, bytesSinceRoom: 0 };

  const appendAndRing: Spool['append'] = async (draft: Draft) => {
    const stored = await spool.append(draft);
    if (stored.ok) local.tell({ is: 'doorbell', class: stored.manifest.class });
    return stored;
  };
  const { refuge } = world;
  const care = openCardCare(world.runDir);
  const owed = openOwed(async (draft) => {
    const stored = await appendAndRing(draft);
    if (stored.ok) return stored;
    if (stored.why === 'card-full') {
      await room.make();
      const again = await appendAndRing(draft);
      if (again.ok) return again;
      if (again.why === 'card-full') refuge.enter(again.why, String(again.cause));
    }
    return await appendAndRing(draft);
  });
  const { append } = owed;
  const bellSpool: Spool = { ...spool, append };
  const told = openTroubles(append, now, log);
  const troubles: typeof told = {
    ...told,
    raise: (code, text) => {
      told.raise(code, text);
      // Whatever met the full card first: the next fragment must not wait for the half-minute's look.
      if (code === 'card-full') void room.make();
    },
  };
  // Its own records must not wait for the room that it is about to make.
  const room = openRoom(
    disk,
    dataDir,
    { ...spool, append: appendAndRing },
    roomRules(config.storage),
    told,
    now,
    (name) => name.startsWith(spool.boot),
    () => spool.between(refuge.settle),
  );
  const coverage = openCoverage(append, now);
  const quietPins = openPinned(disk, dataDir);
  const pinned: Pinned = {
    born: quietPins.born,
    pin: (name: string, level: Level) =>
      owed.attempt(footageClass[level], async () => {
        const drainClass = await quietPins.pin(name, level);
        local.tell({ is: 'doorbell', class: drainClass });
        return drainClass;
      }),
  };
  const clipRules = config.events;
  const footage = await openFootage(
    {
      disk,
      dataDir,
      maker: world.maker,
      spool: bellSpool,
      pinned,
      now,
      troubles,
      onSegment: (bytes, range) => {
        coverage.add(range);
        tally.bytesSinceRoom += bytes;
        if (tally.bytesSinceRoom < roomAfterBytes) return;
        tally.bytesSinceRoom = 0;
        void room.make();
      },
    },
    config.storage.profile,
    clipRules,
  );
  const stills = openStills(bellSpool, now, troubles);
  const outputs = openOutputs(world.pins, config.pins, troubles, clock);
  const trace = openTrace(bellSpool, config.motion, config.events.quietMs, now, troubles);
  const witness = openWitness(
    bellSpool,
    footage,
    stills,
    (trigger) => outputs.alarm(trigger),
    trace,
    { quietMs: config.events.quietMs, updateMs },
    now,
    troubles,
    log,
  );
  const motion = createMotion(config.motion);
  const { width, height } = config.motion;
  const tamper = config.tamper.enabled
    ? openTamperWatch({ width, height, masks: config.camera.masks }, witness, stills, troubles)
    : undefined;
  const schedule = createSchedule(config.motion);
  const live = openLive({ disk, runDir: world.runDir, local, monoMs: clock.monoMs, log });
  const { runDir, updateRoot } = world;
  const { release } = world.maker;
  const software = openSoftware({ disk, dataDir, runDir, updateRoot, release, append, now });
  const lamp = { update: undefined as Awaited<ReturnType<typeof software.lamp>> };
  const commands = openCommands({
    software,
    disk,
    dataDir,
    identityDir: world.identityDir,
    configFile: world.configFile,
    spool: bellSpool,
    pinned,
    stills,
    live,
    pins: world.pins,
    lampPin: config.pins.lampPin,
    outputs,
    now,
    ring: (drainClass) => local.tell({ is: 'doorbell', class: drainClass }),
    restart: world.restart,
    log,
  });
  const counts = () => ({
    framesAnalysed: tally.framesAnalysed,
    firstFrameMonoMs: tally.firstFrameMonoMs,
    ...footage.counts(),
    ...witness.counts(),
    ...stills.counts(),
    ...room.counts(),
    ...owed.counts(),
    faults: troubles.count(),
  });
  const running = openRunning({ disk, dataDir, runDir: world.runDir, release });
  const vitals = openVitals({
    board: world.board,
    cores: availableParallelism(),
    began: world.began,
    camera,
    sound: world.sound,
    pins: world.pins,
    troubles,
    local,
    counts,
    append,
    now,
    runDir: world.runDir,
    software,
    release,
  });

  const see = (sight: CameraSight) => {
    switch (sight.is) {
      case 'start':
        log('info', 'camera started', { recipe: sight.recipe });
        // A new time line: what the old one left open ends here. After a film's end it has ended already.
        witness.breakOff('camera-lost', clock.monoMs());
        if (sight.afresh) {
          motion.forget();
          tamper?.forget();
        }
        return;
      case 'init':
        live.init(sight.bytes);
        return footage.init(sight.bytes);
      case 'fragment':
        live.fragment(sight.bytes);
        return footage.fragment({ bytes: sight.bytes, monoMs: sight.monoMs, durationMs: sight.durationMs });
      case 'jpeg':
        tamper?.jpeg(sight.bytes, sight.monoMs);
        live.jpeg(sight.bytes);
        return stills.jpeg(sight.bytes, sight.monoMs);
      case 'grey': {
        if (tally.framesAnalysed === 0) {
          world.measured.begin();
          tally.firstFrameMonoMs = sight.frame.monoMs;
          running.picture();
          log('info', 'first picture', { monoMs: Math.round(sight.frame.monoMs) });
        }
        tally.framesAnalysed += 1;
        tally.lastFrameMonoMs = sight.frame.monoMs;
        const seen = motion.see(sight.frame);
        trace.see(motion.sight);
        witness.see(seen);
        outputs.see(sight.frame);
        return tamper?.see(sight.frame);
      }
      case 'fault':
        troubles.raise(sight.code, sight.text);
        if (sight.code !== 'camera-frozen' && sight.code !== 'camera-recipe')
          witness.breakOff('camera-lost', clock.monoMs());
        return;
      case 'recovered':
        return troubles.over(sight.code);
      case 'end':
        return witness.breakOff('film-end', clock.monoMs());
    }
  };

  const everySecond = () => {
    const monoMs = clock.monoMs();
    const time = now();
    motion.arm(schedule(time.wallMs));
    witness.see({ is: 'tick', monoMs });
    camera.caption(caption(config.title, time, spool.boot));
    coverage.tick();
    void software.lamp().then((update) => {
      lamp.update = update;
    });
    outputs.tick(
      {
        starting: tally.framesAnalysed === 0,
        faults: troubles.standing().map(({ code }) => code),
        online: linkState.online,
        eventOn: witness.current() !== undefined,
        ...(lamp.update === undefined ? {} : { update: lamp.update }),
      },
      time.wallMs,
    );
    void care.tick(refuge.trouble()?.why);
    if (owed.counts().owed > 0 || refuge.trouble() !== undefined)
      payment.running ??= payWhatIsOwed().finally(() => {
        payment.running = undefined;
      });
    const next = progressStep(progress, {
      monoMs,
      lastFrameMonoMs: tally.lastFrameMonoMs,
      cameraRestarts: camera.inventory().restarts,
      filmOver: troubles.standing().some(({ code }) => code === 'film-ended'),
      cardWaitsMs: world.cardWaitsMs(),
    });
    progress = next.state;
    if (next.gettingOn && monoMs - pingedMonoMs >= pingEveryMs) {
      pingedMonoMs = monoMs;
      world.notify.alive();
    }
  };

  return {
    commands,
    troubles,
    link: (state) => {
      linkState.online = state === 'online';
    },
    run: async (signal) => {
      await mend();
      await tellHealed(disk, world.identityDir, append, now);
      const boot = await append({
        kind: 'boot',
        class: 1,
        time: now(),
        body: json({
          release: world.maker.release,
          boot: spool.boot,
          began: world.began,
          settings: settingsOf(config),
        }),
      });
      running.booted(boot);
      if (untold.includes(world.began.cause)) troubles.note(`began-${world.began.cause}`, world.began.text);
      const floor = watchTime(clock, { ...spool, append }, now, troubles);
      const inventory = setTimeout(() => void tellInventory(), inventoryAfterMs);
      const second = setInterval(everySecond, 1000);
      const roomy = setInterval(() => void room.make(), roomEveryMs);
      const around = [
        watchInputs(world.pins, config.pins.inputs, witness, troubles, clock, signal),
        watchSound(world.sound, witness, signal),
        vitals.run(config.vitalsEveryS * 1000, signal),
      ];
      try {
        await room.make();
        motion.arm(schedule(now().wallMs));
        world.notify.ready();
        for await (const sight of camera.run(signal)) see(sight);
        // A film is over; buttons and commands are still served until we are stopped.
        if (!signal.aborted) await aborted(signal);
      } finally {
        world.notify.stopping();
        clearInterval(second);
        clearInterval(roomy);
        floor.stop();
        clearTimeout(inventory);
      }
      witness.breakOff('stop', clock.monoMs());
      stills.flush();
      await Promise.all([...around, outputs.close(), live.settled()]);
      await footage.settled();
      await Promise.all([witness.settled(), stills.settled()]);
      await trace.flush();
      await coverage.write();
      await vitals.write();
      if (await refuge.copy()) await spool.between(refuge.settle);
      await owed.pay();
      log('info', 'summary', { ...counts(), ...world.measured.end() });
    },
  };

  /** What is in memory goes to the card first: it is older. */
  async function payWhatIsOwed(): Promise<void> {
    const { why, text } = refuge.trouble() ?? {};
    if (why !== undefined) troubles.raise(why, `records are kept in memory: ${text}`);
    if (why !== undefined && !((await refuge.copy()) && (await spool.between(refuge.settle)))) return;
    await owed.pay();
    if (payment.unmended) await mend();
    if (owed.counts().owed === 0) for (const trouble of cardTroubles) troubles.over(trouble);
  }

  async function tellInventory(): Promise<void> {
    await append({ kind: 'log', class: 5, time: now(), body: json({ inventory: await world.inventory() }) });
  }

  /** An earlier boot's open events; a card in trouble must not keep the camera from starting. */
  async function mend(): Promise<void> {
    payment.unmended = false;
    try {
      const mended = await mendInterrupted(disk, dataDir, bellSpool, pinned, clipRules, now);
      if (mended.events > 0) log('info', 'interrupted events mended', { ...mended });
    } catch (error) {
      payment.unmended = refuge.trouble() !== undefined;
      troubles.note('mend-failed', `what an earlier start left open could not be mended: ${String(error)}`);
    }
  }
}

function stamp(clock: Pick<KeptClock, 'now'>): Manifest['time'] {
  const { monoMs, wallMs, clock: by, errorMs } = clock.now();
  return {
    monoMs: Math.round(monoMs),
    wallMs: wallMs === null ? null : Math.round(wallMs),
    clock: by,
    errorMs: Math.ceil(errorMs),
  };
}

function json(value: unknown): { plain: Uint8Array; type: string } {
  return { plain: Buffer.from(JSON.stringify(value)), type: 'application/json' };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
