// A node small enough to be broken twenty times: its releases are shell scripts, but the launcher, its services and every process are real. A recorder writes an event
// several times a second and says of each that it is kept; an uplink brings them to a hub, which is a folder. What systemd does is done here by hand.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { type Applied, apply } from '../../ota/apply.ts';
import { boot, type LaunchRules } from '../../ota/launcher.ts';
import { readState } from '../../ota/root.ts';
import { systemServices } from '../../ota/services.ts';
import { shelf } from '../../ota/shelf.ts';
import type { Launch } from '../../ota/trial.ts';
import { watch } from '../../ota/watch.ts';
import { readSigningKey, sign } from '../../protocol/sign.ts';
import { until } from '../support/until.ts';

/** The programs of a release that works, by path; a fault replaces one. */
export const soundPrograms = (release: string): Readonly<Record<string, string>> => ({
  'bin/matlang-recorder': `#!/bin/sh
boot=$(printf '000001.%08x' $$)
keep() { echo "$2" > "$MATLANG_DATA/spool/$1.new" && mv "$MATLANG_DATA/spool/$1.new" "$MATLANG_DATA/spool/$1"; }
keep "$boot-0" "boot of ${release} $boot"
sha=$(sha256sum "$MATLANG_DATA/spool/$boot-0" | cut -d' ' -f1)
echo '{"release":"${release}","proof":{"boot":"'$boot'","seq":0,"sha256":"'$sha'"}}' > "$MATLANG_RUN/running.json.new"
mv "$MATLANG_RUN/running.json.new" "$MATLANG_RUN/running.json"
at=0
while :; do
  at=$((at + 1))
  keep "$boot-$at" "event $at" && echo "$boot-$at" >> "$MATLANG_DATA/acknowledged"
  sleep 0.2
done
`,
  'bin/matlang-uplink': `#!/bin/sh
while :; do
  for each in "$MATLANG_DATA"/spool/*-[0-9]*; do
    name=$(basename "$each")
    case "$name" in *.new) continue;; esac
    [ -e "$MATLANG_HUB/$name" ] || { cp "$each" "$MATLANG_HUB/$name.part" && mv "$MATLANG_HUB/$name.part" "$MATLANG_HUB/$name"; }
  done
  sleep 0.1
done
`,
  'bin/matlang-here': '#!/bin/sh\n# The hub is asked by whoever runs this in the test.\n',
});

export interface SmallNode {
  readonly root: string;
  /** From now on, by the launcher's clock. `full`: the hub answers, and takes nothing. */
  away(how: 'down' | 'full', forMs: number): void;
  /** So long from now the power fails, and is back at once. */
  powerCutIn(ms: number): void;
  /** Lays a release ready, and has the launcher see it through: the state it comes to rest in, and what `apply` said. */
  update(folder: string): Promise<{ readonly applied: Applied; readonly state: Launch }>;
  /** Time during which the hub was there while a release was on trial. */
  linkMs(): number;
  /** Of all that was ever said to be kept: what is not on the node, and, with `atHub`, what has not come there. */
  lost(atHub: boolean): string[];
  running(): string;
  remove(): Promise<void>;
}

const selfTestMsMax = 1500;
/** What systemd waits before it starts again what ended. */
const startAgainMs = 100;
/** As MemoryMax of the unit. */
const memoryBytesMax = 256 * 1024 * 1024;
/** A rest of the launcher, while the hub is there: the programs need their time. */
const restRealMs = 40;

export async function openSmallNode(dir: string): Promise<SmallNode> {
  const [root, runDir, data, hub] = ['opt', 'run', 'data', 'hub'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const folder of [root, runDir, join(data, 'spool'), hub]) mkdirSync(folder, { recursive: true });
  const pair = generateKeyPairSync('ed25519');
  const hubKey = join(dir, 'hub.pub');
  writeFileSync(hubKey, pair.publicKey.export({ type: 'spki', format: 'pem' }));
  const signing = await readSigningKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const env = { ...process.env, MATLANG_DATA: data, MATLANG_RUN: runDir, MATLANG_HUB: hub };
  const children = new Map<string, ChildProcess>();
  const at = { isOn: true, ms: 0, downUntilMs: 0, fullUntilMs: 0, linkMs: 0, log: '' };
  const powerCuts: number[] = [];
  const isUp = () => at.ms >= at.downUntilMs;

  const start = (name: string) => {
    const program = join(root, 'current/bin', `matlang-${name}`);
    const limits = ['prlimit', [`--as=${memoryBytesMax}`, 'setpriv', '--pdeathsig', 'KILL', '--', program]] as const;
    const child = spawn(limits[0], limits[1], { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    children.set(name, child);
    child.stderr.on('data', (text: Buffer) => {
      at.log = (at.log + text.toString('utf8')).slice(-2000);
    });
    child.once('exit', (code, signal) => {
      if (children.get(name) !== child) return;
      if (name === 'recorder') writeFileSync(join(runDir, 'recorder-ended'), `${signal ?? code}`);
      setTimeout(() => {
        if (at.isOn && children.get(name) === child) start(name);
      }, startAgainMs);
    });
  };
  const stop = async (name: string) => {
    const child = children.get(name);
    children.delete(name);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  const units = ['recorder', 'uplink'];
  const restart = async () => {
    for (const name of units) await stop(name);
    for (const name of units) start(name);
  };

  const run = async (program: string, args: readonly string[]): Promise<{ code: number; told: string }> => {
    if (program === 'journalctl') return { code: 0, told: at.log };
    if (program === 'systemctl') {
      if (children.size > 0 || !args.includes('try-restart')) await restart();
      return { code: 0, told: '' };
    }
    if (!isUp()) return { code: 1, told: '' };
    const here = args.find((arg) => arg.endsWith('/matlang-here')) ?? '';
    const of = (name: string) => args[args.indexOf(`--${name}`) + 1] ?? '';
    // One that was made to lie says what it likes; it cannot sign it.
    if (readFileSync(here, 'utf8').includes('LIES')) return { code: 0, told: `${lie(of('nonce'))}\n` };
    const name = join(hub, `${of('boot')}-${of('seq')}`);
    const stored = existsSync(name) && createHash('sha256').update(readFileSync(name)).digest('hex') === of('sha256');
    const words = { nonce: of('nonce'), stored, taking: at.ms >= at.fullUntilMs };
    return { code: 0, told: await sign(JSON.stringify(words), 'matlang-here', 'hub', signing) };
  };
  const services = systemServices({ root, runDir, hubKey, configArgs: [], run });
  const rules: LaunchRules = { root, selfTestArgs: [], selfTestMsMax, services };
  /** Until it comes to rest, or the power fails. */
  const see = async (): Promise<Launch> => {
    const power = new AbortController();
    const rest = async (ms: number) => {
      if (isUp()) at.linkMs += ms;
      at.ms += ms;
      const cut = powerCuts[0];
      if (cut !== undefined && at.ms >= cut) {
        powerCuts.shift();
        power.abort();
      }
      await (isUp() ? pause(restRealMs) : turn());
    };
    return watch(shelf, { ...rules, services, monoMs: () => at.ms, rest }, power.signal);
  };
  const launch = async (): Promise<Launch> => {
    const booted = await boot(shelf, rules);
    if (!booted.ok) throw new Error(booted.text);
    if (children.size === 0) await restart();
    const state = await see();
    if (state.name === 'steady') return state;
    for (const name of units) await stop(name);
    return await launch();
  };

  return {
    root,
    away: (how, forMs) => {
      if (how === 'down') at.downUntilMs = at.ms + forMs;
      else at.fullUntilMs = at.ms + forMs;
    },
    powerCutIn: (ms) => powerCuts.push(at.ms + ms),
    update: async (folder) => {
      const isFirst = !existsSync(join(root, 'current'));
      const applied = await apply(
        shelf,
        isFirst
          ? { root, selfTestArgs: [], selfTestMsMax }
          : {
              ...rules,
              handOver: async () => void (await launch()),
            },
        folder,
      );
      // A program that was started and is not there yet would come from whatever `current` names by then.
      if (isFirst) {
        await restart();
        await until('the first release to run', () => existsSync(join(runDir, 'running.json')));
      }
      return { applied, state: readState(root) };
    },
    linkMs: () => at.linkMs,
    lost: (atHub) => {
      const kept = new Set(readdirSync(atHub ? hub : join(data, 'spool')));
      const path = join(data, 'acknowledged');
      const said = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
      return said.filter((name) => name !== '' && !kept.has(name));
    },
    running: () => {
      const state = readState(root);
      return state.name === 'steady' || state.name === 'proving' ? (state.release ?? '') : basename(state.name);
    },
    remove: async () => {
      at.isOn = false;
      for (const name of units) await stop(name);
    },
  };
}

const lie = (nonce: string): string => {
  const part = (words: object) => Buffer.from(JSON.stringify(words)).toString('base64url');
  const body = part({ nonce, stored: true, taking: true });
  return `${part({ alg: 'EdDSA', typ: 'matlang-here' })}.${body}.${Buffer.alloc(64).toString('base64url')}`;
};

/** All that was kept until now comes to the hub. The recorder goes on meanwhile: on a busy machine there is always one more under way. */
export const allArrived = (node: SmallNode): Promise<void> => {
  const left = new Set(node.lost(true));
  return until('all events at the hub', () => !node.lost(true).some((name) => left.has(name)));
};
