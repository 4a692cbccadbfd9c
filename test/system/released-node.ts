// A node that runs from releases, as the package sets one up: /opt/matlang with launcher, links and releases, each program started from `current`. What systemd does there is done
// here by hand: every process sees this node's own /opt and /run by a mount namespace, and `systemctl` and `journalctl` are words to this file.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readState } from '../../ota/root.ts';
import type { Launch } from '../../ota/trial.ts';
import { allGone, killAll, markName } from './marked.ts';

export interface ReleasedNode {
  readonly configPath: string;
  readonly dataDir: string;
  readonly identityDir: string;
  /** Seen from here. */
  readonly root: string;
  state(): Launch;
  start(unit: 'recorder' | 'uplink'): void;
  /** What `systemd/stick.sh` does once the stick is mounted. */
  stick(folder: string): Promise<number | null>;
  /** `matlang …` as the set-up of the card types it, before any service runs. */
  setUp(...words: readonly string[]): void;
  /** What programs and services have written so far. */
  log(): string;
  remove(): Promise<void>;
}

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const lookEveryMs = 100;
/** RestartSec= of recorder and uplink. */
const againMs = 2000;
const units = ['recorder', 'uplink'] as const;
type Unit = (typeof units)[number] | 'launcher';

/** Its own /opt and /run, and the service files of this checkout, for one process. */
const inside = [
  '--mount',
  'sh',
  '-c',
  'mount --bind "$1" /opt && mount --bind "$2" /run && mount --bind "$3" /usr/lib/systemd/system && shift 3 && exec "$@"',
  'sh',
] as const;

/** Why none can run here; undefined where one can. */
export function noReleasedNode(): string | undefined {
  const tried = spawnSync('unshare', [...inside, '/tmp', '/tmp', '/tmp', 'test', '-e', '/lib/systemd/system']);
  return tried.status === 0 ? undefined : 'a mount namespace with /opt and /usr/lib/systemd/system needs root';
}

export function openReleasedNode(dir: string): ReleasedNode {
  const at = (path: string) => join(dir, path);
  for (const folder of ['opt/matlang', 'run/systemd/system', 'run/matlang', 'programs', 'asked', 'fetched'])
    mkdirSync(at(folder), { recursive: true });
  const logPath = at('log');
  writeFileSync(logPath, '');
  const configPath = at('node.yaml');
  const [dataDir, identityDir, root] = [at('data'), at('identity'), at('opt/matlang')];
  const runDir = at('run/matlang');
  putProgram(
    at('programs/systemctl'),
    `exec 2>/dev/null; me=${at('asked')}/$$; echo "$@" > $me.new; mv $me.new $me.ask
until [ -e $me.end ]; do sleep 0.1; done; exit $(cat $me.end)`,
  );
  putProgram(at('programs/journalctl'), `exec tail -n 20 ${logPath}`);
  const env = {
    ...process.env,
    PATH: `${at('programs')}:${process.env.PATH}`,
    MATLANG_RUN_DIR: '/run/matlang',
    MATLANG_UPDATE_ROOT: '/opt/matlang',
    [markName]: dir,
  };
  const launch = (program: string, args: readonly string[]): ChildProcess => {
    const mounts = [at('opt'), at('run'), join(checkout, 'systemd')];
    const child = spawn('unshare', [...inside, ...mounts, program, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => writeFileSync(logPath, bytes, { flag: 'a' }));
    return child;
  };
  const run = async (program: string, args: readonly string[]): Promise<number | null> => {
    const [code] = await once(launch(program, args), 'close');
    return code;
  };
  const closed = new AbortController();
  const running = new Map<Unit, ChildProcess>();
  const config = ['--config', configPath];
  const launcher = (word: string) => [
    ...[word, '--root', '/opt/matlang', '--run-dir', '/run/matlang'],
    ...['--hub-key', join(identityDir, 'hub.pub'), '--', ...config],
  ];
  const launcherProgram = '/opt/matlang/launcher/matlang-launcher';

  const start = (unit: Unit) => {
    const child =
      unit === 'launcher'
        ? launch(launcherProgram, launcher('watch'))
        : launch(`/opt/matlang/current/bin/matlang-${unit}`, config);
    running.set(unit, child);
    child.once('exit', (code, signal) => {
      // ExecStopPost= of the recorder.
      if (unit === 'recorder') writeFileSync(join(runDir, 'recorder-ended'), `exited ${signal ?? ''} ${code ?? ''}`);
      if (running.get(unit) !== child || unit === 'launcher') return;
      void pause(againMs, undefined, { signal: closed.signal }).then(
        () => running.get(unit) === child && start(unit),
        () => undefined,
      );
    });
  };
  const stop = async (unit: Unit) => {
    const child = running.get(unit);
    running.delete(unit);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  const systemctl = async (words: string): Promise<number> => {
    const named = words.split(' ').flatMap((word) => /^matlang-(\w+)\.service$/.exec(word)?.[1] ?? []) as Unit[];
    const meant = named.filter((unit) => !words.includes('try-restart') || running.has(unit));
    // In the order of the units' After=, backwards to stop.
    for (const unit of meant.toReversed()) await stop(unit);
    for (const unit of meant) {
      if (unit === 'launcher' && (await run(launcherProgram, launcher('boot'))) !== 0) return 1;
      start(unit);
    }
    return 0;
  };

  /** The units' path watchers: what the hub wishes for, and what lies ready. */
  const fetched = at('fetched');
  const watch = async () => {
    const busy = new Set<string>();
    const unlessBusy = (what: string, work: () => Promise<unknown>) => {
      if (busy.has(what)) return;
      busy.add(what);
      void work().finally(() => busy.delete(what));
    };
    for (; !closed.signal.aborted; await pause(lookEveryMs)) {
      for (const name of readdirSync(at('asked')).filter((each) => each.endsWith('.ask'))) {
        const path = join(at('asked'), name);
        const words = readFileSync(path, 'utf8').trim();
        rmSync(path);
        void systemctl(words).then((code) => writeFileSync(path.replace(/ask$/, 'end'), String(code)));
      }
      if (existsSync(join(runDir, 'update-wanted')))
        unlessBusy('fetch', () =>
          run('/opt/matlang/current/bin/matlang-update', [
            ...[...config, '--root', '/opt/matlang', '--into', fetched],
            ...['--bytes-per-s', '99999999'],
          ]),
        );
      if (existsSync(join(fetched, 'ready')))
        unlessBusy('install', async () => {
          const release = readFileSync(join(fetched, 'ready'), 'utf8');
          await run('/opt/matlang/current/bin/matlang', [
            ...['update', 'apply', '--from', fetched, '--release', release, ...config],
            ...['--told', '/run/matlang', '--by', 'hub', '--json'],
          ]);
          for (const name of ['ready', 'files', 'targets'])
            rmSync(join(fetched, name), { recursive: true, force: true });
        });
    }
  };
  const watching = watch();

  return {
    ...{ configPath, dataDir, identityDir, root, start },
    state: () => readState(root),
    stick: (folder) =>
      run('/opt/matlang/current/bin/matlang', [
        ...['update', 'apply', '--from', folder, ...config],
        ...['--told', '/run/matlang', '--by', 'hand', '--json'],
      ]),
    setUp: (...words) => {
      const ran = spawnSync(process.execPath, [join(checkout, 'cli/main.ts'), ...words], { encoding: 'utf8' });
      if (ran.status !== 0) throw new Error(`matlang ${words.join(' ')}: ${ran.stderr}`);
    },
    log: () => readFileSync(logPath, 'utf8'),
    remove: async () => {
      closed.abort();
      await watching;
      for (const unit of [...units, 'launcher'] as const) await stop(unit);
      killAll(dir);
      await allGone(dir, 10_000);
    },
  };
}

function putProgram(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}
