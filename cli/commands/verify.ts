// `matlang verify PATH`: is it what nodes and hub signed, all of it, and nothing else? Offline.
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { claimedNode, judge, type Verdict } from '../../hub/custody/custody.ts';
import type { EvidenceFiles } from '../../hub/custody/files.ts';
import { type KeyRing, keyRing } from '../../hub/custody/keys.ts';
import { readUnsealKey } from '../../hub/unseal-key.ts';
import { opener } from '../../protocol/open.ts';
import { type Language, languageOf } from '../language.ts';
import { keysBeside, keysIn, keysWithin, openFolder } from '../verify/folder.ts';
import { words } from '../verify/words.ts';
import { openZip } from '../verify/zip.ts';

interface Options {
  readonly keys: readonly string[];
  readonly unseal?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const language = languageOf(program);
  const say = words[language];
  program
    .command('verify <path>')
    .description(say.about)
    .option('--keys <dir>', say.keys, (dir: string, before: readonly string[]) => [...before, dir], [])
    .option('--unseal <file>', say.unseal)
    .option('--json', say.json)
    .action(async (path: string, options: Options) => {
      process.exitCode = (await check(resolve(path), options, language)) ? 0 : 1;
    });
}

async function check(path: string, options: Options, language: Language): Promise<boolean> {
  const files = (await isZip(path)) ? await openZip(path) : { ...(await openFolder(path)), close: () => undefined };
  try {
    const keys = await ringFor(path, files, options.keys);
    const open = options.unseal === undefined ? undefined : await openerFrom(options.unseal);
    const verdict = await judge(files, keys, open === undefined ? {} : { open });
    const isEmpty = verdict.records + verdict.segments + verdict.logLines + verdict.wrong.length === 0;
    if (isEmpty) throw new Error(words[language].nothing(path));
    if (options.json === true) process.stdout.write(`${JSON.stringify({ path, ...verdict, keys: shownKeys(keys) })}\n`);
    else process.stdout.write(shown(verdict, keys, language));
    return verdict.ok;
  } finally {
    files.close();
  }
}

async function isZip(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  if (!(await file.stat()).isFile()) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return bytesRead === 4 && buffer.readUInt32LE() === 0x04034b50;
}

/** Keys from elsewhere count before those that lie in the set. */
async function ringFor(path: string, files: EvidenceFiles, dirs: readonly string[]): Promise<KeyRing> {
  const outside = (await Promise.all(dirs.map((dir) => keysIn(dir, false)))).flat();
  for (const dir of dirs)
    if (!outside.some(({ from }) => from.startsWith(dir))) throw new Error(`${dir}: no public key (.pub) in it`);
  return keyRing([...outside, ...(await keysBeside(path)), ...(await keysWithin(files, await claimedNode(files)))]);
}

async function openerFrom(path: string) {
  return opener(await readUnsealKey(path)).open;
}

const shownKeys = (keys: KeyRing) =>
  keys.all.map(({ name, fingerprint, from, within }) => ({ name, fingerprint, from, within }));

const linesMax = 50;

function shown(verdict: Verdict, keys: KeyRing, language: Language): string {
  const say = words[language];
  const { kind, records, segments, clips, nodes, wrong, notes, unknown, moments, logLines } = verdict;
  const list = (title: string, lines: readonly string[]): string[] => {
    if (lines.length === 0) return [];
    const left = lines.length - linesMax;
    return [
      '',
      title,
      ...lines.slice(0, linesMax).map((line) => `  ${line}`),
      ...(left > 0 ? [`  ${say.more(left)}`] : []),
    ];
  };
  const used = keys.all.filter(({ name }) => name === 'hub' || nodes.includes(name));
  const lines = [
    say.looked(say.kinds[kind], records, segments, clips, nodes.join(', ')),
    ...(logLines > 0 ? [say.logLines(logLines)] : []),
    verdict.ok ? say.ok : say.bad(wrong.length),
    ...list(
      say.wrongTitle,
      wrong.map(({ code, place, detail }) => say.wrong[code](place, detail)),
    ),
    ...list(
      say.notesTitle,
      notes.map(({ code, place, detail }) => say.notes[code](place, detail)),
    ),
    ...list(
      say.momentsTitle,
      moments.map(({ node, event, wallMs, errorMs, by, heldMs }) =>
        say.moment(
          `${node} ${event}`,
          time(wallMs),
          errorMs,
          say.how[by],
          heldMs === null ? '' : say.held(time(heldMs)),
        ),
      ),
    ),
    ...list(
      say.keysTitle,
      used.map(({ name, fingerprint, from }) => say.key(name, fingerprint, from)),
    ),
    ...list(
      say.unknownTitle,
      unknown.map((code) => say.unknown[code]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** In Việt Nam's time, with its zone. */
function time(ms: number | null): string {
  return ms === null ? '?' : `${new Date(ms + 7 * 3_600_000).toISOString().slice(0, 23)}+07:00`;
}
