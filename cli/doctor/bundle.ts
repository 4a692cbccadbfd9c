// `matlang doctor --bundle FILE.tar.gz`: what a supporter needs to see, and nothing that opens a door: no key, no password, no picture.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { nowName } from '../../agent/recorder/now-file.ts';
import { ownRunDir } from '../../agent/run-dir.ts';
import { redact, secretsOf } from '../../hal/camera/redact.ts';
import { runShort } from '../../hal/short-child.ts';
import type { Patient } from './check.ts';

const timeoutMs = 20_000;
const journalLines = 3000;
/** Values of such keys are never shown. */
const secretKey =
  /((?:pass(?:word|wd)?|secret|token|ticket|access_?key|api_?key)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|\S+)/gi;
const pem = /-----BEGIN [^-]+-----[\s\S]*?-----END [^-]+-----/g;
const ageKey = /AGE-SECRET-KEY-[A-Z0-9]+/gi;

export function clean(text: string, secrets: readonly string[]): string {
  return redact(text, secrets).replace(pem, '*** key ***').replace(ageKey, '***').replace(secretKey, '$1***');
}

/** Path of the archive. Throws when it cannot be written. */
export async function writeBundle(patient: Patient, report: string, file: string): Promise<string> {
  const target = resolve(file);
  const folder = await mkdtemp(join(tmpdir(), 'matlang-bundle-'));
  const url = patient.config?.camera.driver === 'rtsp' ? patient.config.camera.url : '';
  const secrets = secretsOf(url);
  const put = async (name: string, text: string) => {
    if (text !== '') await writeFile(join(folder, name), clean(text, secrets));
  };
  const said = async (command: string, ...args: string[]) => {
    const run = await runShort(command, args, { timeoutMs, env: patient.env, outBytesMax: 8 * 1024 * 1024 });
    return run.ok ? Buffer.from(run.out).toString('utf8') : `${command}: ${run.why} ${run.text}\n`;
  };
  const file_ = (path: string) => readFile(path, 'utf8').catch(() => '');
  try {
    await put('doctor.json', report);
    if (patient.configFile !== undefined) await put('node.yaml', await file_(patient.configFile));
    const dataDir = resolve(patient.home, patient.config?.dataDir ?? 'data');
    await put(
      'now.json',
      (await file_(join(patient.env.MATLANG_RUN_DIR ?? '/run/matlang', nowName))) ||
        (await file_(join(ownRunDir(dataDir), nowName))),
    );
    await put('last-run.json', await file_(join(dataDir, 'last-run.json')));
    await put('state.json', await file_(join(patient.root, 'state.json')));
    await put('journal.txt', await said('journalctl', '--no-pager', '-n', String(journalLines), '-u', 'matlang-*'));
    await put('units.txt', await said('systemctl', '--no-pager', 'status', 'matlang-*'));
    await put('kernel.txt', await said('dmesg', '--level=err,warn'));
    await put('disks.txt', await said('df', '-h'));
    await put('mounts.txt', await file_('/proc/self/mountinfo'));
    const packed = await runShort('tar', ['-czf', target, '-C', folder, '.'], { timeoutMs, env: patient.env });
    if (!packed.ok) throw new Error(`${target} cannot be written: ${packed.text || packed.why}`);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
