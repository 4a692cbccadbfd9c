// A node's configuration file after it has joined: names, broker and, for a lent camera, its hours; all else in it stays as it was written.
import { existsSync } from 'node:fs';
import { chown, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Document, parseDocument } from 'yaml';
import { faultLine, readNodeConfig } from '../agent/core/config/read.ts';
import { configSchema } from '../agent/core/config/schema.ts';
import { writeDurable } from '../agent/write-durable.ts';
import { disk } from '../hal/disk.ts';
import type { EnrolAnswer } from '../protocol/enrol.ts';
import { newConfig, placesFor } from './commands/init.ts';

/** Where the file says its identity is, or would be. */
export async function identityDirOf(path: string): Promise<string> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  const told: unknown = parseDocument(text).get('identityDir');
  const folder =
    typeof told === 'string' ? told : (placesFor(path).identityDir ?? configSchema.shape.identityDir.parse(undefined));
  return isAbsolute(folder) ? folder : resolve(dirname(path), folder);
}

/** Throws where the file would not be a configuration any more. A new file is for a USB camera until somebody says otherwise. */
export async function writeJoined(path: string, answer: EnrolAnswer): Promise<void> {
  const isNew = !existsSync(path);
  const { commune, node, place: title } = answer;
  const before = isNew
    ? newConfig({ driver: 'v4l2', commune, node, title, url: '', film: '' }, placesFor(path))
    : await readFile(path, 'utf8');
  const document = parseDocument(before);
  document.set('commune', commune);
  document.set('node', node);
  document.set('title', title);
  document.setIn(['uplink', 'broker'], answer.broker);
  document.setIn(['uplink', 'mqtt'], answer.mqtt);
  if (answer.armed !== undefined && !document.hasIn(['motion', 'watch', 0])) {
    const whole = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    const zone = { name: 'Theo thỏa thuận', polygon: whole, armed: answer.armed };
    document.setIn(['motion', 'watch'], new Document([zone]).contents);
  }
  const text = document.toString();
  const read = readNodeConfig(text, path);
  if (!read.ok) throw new Error(read.faults.map((fault) => faultLine(fault)).join('; '));
  if (isNew) await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  else if (text !== before) await writeDurable(disk, path, Buffer.from(text));
}

/** Root has made the keys and written the configuration; the service that uses them is somebody else. */
export async function giveToFoldersOwner(identityDir: string, folder: string, config: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  await chown(config, uid, gid);
  for (const name of ['.', ...(await readdir(identityDir))]) await chown(join(identityDir, name), uid, gid);
}
