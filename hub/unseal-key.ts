// The key that opens what the nodes have sealed. On a machine with systemd it lies wrapped beside where it would lie in clear: by the machine's own secret and,
// where there is one, its TPM (systemd-creds(1)), so that a copy of the folder or the disk's backup opens nothing. The service is handed it in memory.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { keyPath } from './credential.ts';
import { writeWhole } from './trust/new-file.ts';

export const wrappedPath = (path: string): string => `${path}.cred`;

const msMax = 30_000;

/** The age identity in it. Throws an error that names the file where it cannot be had. */
export async function readUnsealKey(path: string): Promise<string> {
  const identity = readIdentity(await unsealKeyText(path));
  if (identity === undefined) throw new Error(`${path}: no age identity (AGE-SECRET-KEY-1…) in it`);
  return identity;
}

/** The whole file, in clear. Unwrapping takes root: the machine's secret is root's. */
export async function unsealKeyText(path: string): Promise<string> {
  const plain = keyPath(path);
  if (existsSync(plain) || !existsSync(wrappedPath(path))) return await readFile(plain, 'utf8');
  return await unwrapped(path);
}

/** The identity in an age identity file; undefined where there is none. */
export function readIdentity(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line.startsWith('AGE-SECRET-KEY-1'));
}

/**
 * Wraps the key that lies in clear and takes the clear one away, once the wrapped one has been opened for a trial. Where this machine cannot wrap the clear one
 * stays, and the reason is returned.
 */
export async function wrapUnsealKey(
  path: string,
): Promise<{ readonly ok: true } | { readonly ok: false; text: string }> {
  const plain = await readFile(path, 'utf8');
  try {
    await writeWhole(wrappedPath(path), await credsOf('encrypt', path, path), 0o600);
  } catch (error) {
    return { ok: false, text: reasonOf(error) };
  }
  if ((await unwrapped(path)) !== plain) {
    await rm(wrappedPath(path));
    return { ok: false, text: 'the wrapped key does not open to what went in' };
  }
  await rm(path);
  return { ok: true };
}

async function unwrapped(path: string): Promise<string> {
  const at = wrappedPath(path);
  return await credsOf('decrypt', path, at).catch((cause: unknown) => {
    throw new Error(`${at}: only root of the machine that wrapped it can open it (${reasonOf(cause)})`, { cause });
  });
}

const run = promisify(execFile);

/** The name is part of what is wrapped: one credential does not pass for another. */
async function credsOf(act: 'encrypt' | 'decrypt', path: string, from: string): Promise<string> {
  const { stdout } = await run('systemd-creds', [act, `--name=${basename(path)}`, from, '-'], { timeout: msMax });
  return stdout;
}

function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said === '' ? String(error) : said;
}
