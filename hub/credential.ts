// Private keys under systemd: LoadCredential= hands them to the service in memory of its own, and the files stay root's.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where this key is to be read: the credential of the same name, where the service manager gave us one, else the file itself. */
export function keyPath(path: string, env: NodeJS.ProcessEnv = process.env): string {
  const folder = env.CREDENTIALS_DIRECTORY;
  const given = folder === undefined ? undefined : join(folder, basename(path));
  return given !== undefined && existsSync(given) ? given : path;
}
