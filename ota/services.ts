// What a release runs as on a node: the units of systemd, and what the recorder and the hub say about it. For the launcher, so nothing but node: and its neighbours.
// The launcher has no network of its own: it has a proven release's `matlang-here` ask the hub, and believes the hub's signature alone.
import { spawn } from 'node:child_process';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Proven, Services } from './launcher.ts';
import { isReleaseName } from './release-list.ts';
import { releaseIn } from './root.ts';

export interface ServicesPlace {
  readonly root: string;
  /** Where the recorder says what it is (`running.json`) and systemd how it ended. */
  readonly runDir: string;
  /** The hub's public key, SPKI PEM. */
  readonly hubKey: string;
  /** `--config FILE` for the release's programs. */
  readonly configArgs: readonly string[];
  /** Runs a program to its end: exit code and the last of what it wrote to stdout. */
  readonly run?: typeof runProgram;
}

const units = ['matlang-recorder.service', 'matlang-uplink.service'] as const;
const lookEveryMs = 500;
const restartMsMax = 10_000;
const askMsMax = 45_000;
const logLines = 20;
const logMax = 2000;

export function systemServices(place: ServicesPlace): Services {
  const { root, runDir, run = runProgram } = place;
  const lastLines = async () => {
    const args = [
      '-q',
      '--no-pager',
      '-b',
      '-o',
      'cat',
      '-n',
      String(logLines),
      ...units.flatMap((unit) => ['-u', unit]),
    ];
    const { code, told } = await run('journalctl', args, 10_000);
    return code === 0 ? told.slice(-logMax) : '';
  };
  const failed = async (why: string): Promise<Proven> => ({ ok: false, why, log: await lastLines() });
  return {
    lastLines,
    restart: async () => {
      // Not waited for: these units start after the launcher's own, which may be starting now.
      await run('systemctl', ['--no-block', 'try-restart', ...units], restartMsMax);
    },
    prove: async (release, afresh, msMax) => {
      const giveUpMs = performance.now() + msMax;
      const others = readRunning(runDir);
      if (afresh || (others !== undefined && others.release !== release)) {
        const { code } = await run('systemctl', ['restart', ...units], msMax);
        if (code !== 0) return await failed('the recorder did not start');
      }
      const ended = lastEnd(runDir);
      while (performance.now() < giveUpMs) {
        const running = readRunning(runDir);
        if (running?.release === release && running.proof !== undefined) return { ok: true };
        const now = lastEnd(runDir);
        if (now?.ms !== ended?.ms) return await failed(`the recorder ended: ${now?.text ?? ''}`);
        await pause(lookEveryMs);
      }
      return await failed(`no picture and no record in ${Math.round(msMax / 1000)} s`);
    },
    ask: async (release, before) => {
      const proof = readRunning(runDir);
      if (proof?.release !== release || proof.proof === undefined) return undefined;
      const { boot, seq, sha256 } = proof.proof;
      const program = [before, release]
        .filter((name) => name !== null)
        .map((name) => join(releaseIn(root, name), 'bin/matlang-here'))
        .find((path) => existsSync(path));
      if (program === undefined) return undefined;
      const nonce = randomBytes(16).toString('hex');
      const about = ['--nonce', nonce, '--boot', boot, '--seq', String(seq), '--sha256', sha256];
      const { code, told } = await run(
        'setpriv',
        [...asOwner(runDir), program, ...place.configArgs, ...about],
        askMsMax,
      );
      return code === 0 ? readAnswer(told.trim(), place.hubKey, nonce) : undefined;
    },
  };
}

/** What `matlang-here` brings back: the hub's signed word, for this question alone. */
export function readAnswer(jws: string, hubKeyPath: string, nonce: string): 'stored' | 'not-stored' | undefined {
  const [head = '', body = '', signature = '', ...more] = jws.split('.');
  try {
    const key = createPublicKey(readFileSync(hubKeyPath));
    const signed = Buffer.from(`${head}.${body}`);
    if (more.length > 0 || key.asymmetricKeyType !== 'ed25519') return undefined;
    if (!verify(null, signed, key, Buffer.from(signature, 'base64url'))) return undefined;
    const { alg, typ } = parsed(head);
    const told = parsed(body);
    if (alg !== 'EdDSA' || typ !== 'matlang-here' || told.nonce !== nonce) return undefined;
    if (told.stored === true) return 'stored';
    return told.taking === true && told.stored === false ? 'not-stored' : undefined;
  } catch {
    // No key, or no answer of a hub.
    return undefined;
  }
}

const parsed = (part: string): Record<string, unknown> => {
  const found: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return typeof found === 'object' && found !== null ? Object.fromEntries(Object.entries(found)) : {};
};

interface Running {
  readonly release: string;
  /** The boot record, once a picture was decoded and the record read back. */
  readonly proof?: { readonly boot: string; readonly seq: number; readonly sha256: string };
}

function readRunning(runDir: string): Running | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(join(runDir, 'running.json'), 'utf8'));
    if (typeof found !== 'object' || found === null || !('release' in found) || !isReleaseName(found.release))
      return undefined;
    const proof = 'proof' in found ? found.proof : undefined;
    if (typeof proof !== 'object' || proof === null) return { release: found.release };
    if (!('boot' in proof && 'seq' in proof && 'sha256' in proof)) return { release: found.release };
    const { boot, seq, sha256 } = proof;
    const isSound =
      typeof boot === 'string' &&
      /^\d{6}\.[0-9a-f]{8}$/.test(boot) &&
      Number.isSafeInteger(seq) &&
      typeof sha256 === 'string' &&
      /^[0-9a-f]{64}$/.test(sha256);
    return { release: found.release, ...(isSound ? { proof: { boot, seq: Number(seq), sha256 } } : {}) };
  } catch {
    return undefined;
  }
}

function lastEnd(runDir: string): { readonly ms: number; readonly text: string } | undefined {
  const path = join(runDir, 'recorder-ended');
  try {
    return { ms: statSync(path).mtimeMs, text: readFileSync(path, 'utf8').trim().slice(0, 200) };
  } catch {
    return undefined;
  }
}

/** Whoever is not the launcher's own user: it needs the node's certificate, and no right of root. */
function asOwner(runDir: string): string[] {
  const { uid, gid } = statSync(runDir);
  const drop =
    process.getuid?.() === 0 && uid !== 0 ? ['--reuid', `${uid}`, '--regid', `${gid}`, '--clear-groups'] : [];
  return ['--pdeathsig', 'KILL', '--no-new-privs', ...drop, '--'];
}

const toldMax = 64 * 1024;

async function runProgram(
  program: string,
  args: readonly string[],
  msMax: number,
): Promise<{ readonly code: number | null; readonly told: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let told = '';
  child.stdout.on('data', (bytes: Buffer) => {
    told = (told + bytes.toString('utf8')).slice(-toldMax);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), msMax);
  const ended = await once(child, 'close').catch(() => [null]);
  clearTimeout(timer);
  return { code: typeof ended[0] === 'number' ? ended[0] : null, told };
}
