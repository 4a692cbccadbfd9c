// `matlang spool status|export|receipts|import`: what waits on a node, and its way on a stick.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../agent/config-file.ts';
import { faultLine } from '../../agent/core/config/read.ts';
import { readHubKey } from '../../agent/identity.ts';
import { openLog } from '../../agent/log.ts';
import { spoolStatus } from '../../agent/spool-status.ts';
import { openStick, StickTrouble } from '../../agent/stick.ts';
import { type ExportCounts, type ExportEnd, exportSpool, takeReceipts } from '../../agent/uplink/stick-export.ts';
import { disk } from '../../hal/disk.ts';
import { readHubConfig } from '../../hub/config.ts';
import { type Imported, importStick } from '../../hub/stick-import.ts';
import { actor, knockAtHub } from '../hub/door.ts';
import { type Language, languageOf } from '../language.ts';
import { sizeWords, spoolWords } from '../spool-words.ts';

interface Options {
  readonly config: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const language = languageOf(program);
  const say = spoolWords[language];
  const spool = program.command('spool').description(say.about);
  const onNode = (command: Command) =>
    command.option('--config <file>', say.node, 'node.yaml').option('--json', say.json);
  onNode(spool.command('status').description(say.status)).action((options: Options) => status(options, language));
  for (const [name, about, work] of [
    ['export', say.export, exportSpool],
    ['receipts', say.receipts, takeReceipts],
  ] as const)
    onNode(spool.command(name).description(about).argument('<dir>', say.dir)).action((dir: string, options: Options) =>
      visit(dir, options, language, work),
    );
  spool
    .command('import')
    .description(say.import)
    .argument('<dir>', say.dir)
    .option('--config <file>', say.hub, 'hub.yaml')
    .option('--json', say.json)
    .action((dir: string, options: Options) => takeIn(dir, options, language));
}

async function status({ config: path, json }: Options, language: Language): Promise<void> {
  const say = spoolWords[language];
  const { config, dataDir } = await loadConfig(disk, path, 'read-only');
  const found = await spoolStatus(disk, dataDir);
  if (json === true) return print({ node: config.node, ...found });
  const { waiting, delivered, ring, quarantine, card } = found;
  line(`${config.title}`);
  line(say.waits(waiting.files, sizeWords(waiting.bytes), waiting.events));
  for (const each of waiting.byClass) {
    const name = `${each.class} · ${say.classes[each.class] ?? ''}`;
    if (each.files > 0)
      line(`  ${name.padEnd(28)} ${String(each.files).padStart(7)}  ${sizeWords(each.bytes).padStart(9)}`);
  }
  line(say.held(sizeWords(delivered.bytes), sizeWords(ring.bytes), quarantine.files, sizeWords(card.freeBytes)));
}

/** Both ways of meeting a stick on a node. */
async function visit(
  dir: string,
  { config: path, json }: Options,
  language: Language,
  work: typeof exportSpool,
): Promise<void> {
  const say = spoolWords[language];
  const { config, dataDir, identityDir } = await loadConfig(disk, path, 'read-only');
  const hubKey = await readHubKey(disk, identityDir);
  const opened = await openAt(dir);
  if (!opened.ok) return end({ ok: false, why: opened.why }, json, language, { why: opened.why });
  if (json !== true && (await sameDevice(dir, dataDir))) note(say.ownCard(resolve(dir)));
  const told = everySecond((counts: ExportCounts) =>
    note(say.copying(doneOf(counts), counts.files, sizeWords(counts.writtenBytes), sizeWords(counts.bytes))),
  );
  const { counts, end: how } = await work({
    ...{ disk, dataDir, commune: config.commune, node: config.node, hubKey, stick: opened.stick },
    told: json === true ? () => undefined : told,
  });
  if (json !== true) tellVisit(counts, how, language, work === exportSpool);
  end(how, json, language, { node: config.node, ...counts });
}

const doneOf = ({ written, there }: ExportCounts): number => written + there;

function tellVisit(counts: ExportCounts, how: ExportEnd, language: Language, copied: boolean): void {
  const say = spoolWords[language];
  line(say.taken(counts.delivered, counts.cleared));
  if (counts.refused > 0) line(say.notOurs(counts.refused));
  if (counts.damaged > 0) line(say.damaged(counts.damaged));
  if (!copied) return;
  if (how.ok) line(say.exported(counts.written, counts.there, sizeWords(counts.writtenBytes)));
  else if (counts.files > 0) line(say.stopped(doneOf(counts), counts.files));
}

async function takeIn(dir: string, { config: path, json }: Options, language: Language): Promise<void> {
  const say = spoolWords[language];
  const read = readHubConfig(await readFile(path), path);
  if (!read.ok) throw new Error(read.faults.map((fault) => faultLine(fault, language)).join('\n'));
  const { config } = read;
  const opened = await openAt(dir);
  if (!opened.ok) return end({ ok: false, why: opened.why }, json, language, { why: opened.why });
  const door = await knockAtHub(config.dataDir);
  if (door === undefined && json !== true) note(say.alone);
  const alone = door === undefined ? await aloneWith(config) : undefined;
  const carry = door?.carry ?? alone;
  if (carry === undefined) return;
  try {
    const {
      counts,
      refusals,
      end: how,
    } = await importStick({
      ...{ stick: opened.stick, commune: config.commune, carry, actor: actor() },
      told:
        json === true ? () => undefined : everySecond((now) => note(say.importing(now.files, sizeWords(now.bytes)))),
    });
    if (json !== true) tellImport({ counts, refusals, end: how }, language);
    end(how, json, language, { ...counts, refusals }, counts.refused > 0);
  } finally {
    await alone?.close();
  }
}

async function aloneWith(config: Parameters<typeof import('../../hub/taking.ts').openCarryAlone>[0]) {
  const { openCarryAlone } = await import('../../hub/taking.ts');
  return await openCarryAlone(config, disk, openLog('hub', 'warn'));
}

function tellImport({ counts, refusals, end: how }: Imported, language: Language): void {
  const say = spoolWords[language];
  for (const { node, name, why } of refusals) line(say.refused(node, name, why));
  if (counts.refused > refusals.length) line(say.more(counts.refused - refusals.length));
  if (how.ok || counts.files > 0) line(say.imported(counts.nodes, counts.stored, counts.known, counts.receipts));
}

async function openAt(dir: string) {
  try {
    return { ok: true, stick: await openStick(disk, resolve(dir)) } as const;
  } catch (error) {
    if (error instanceof StickTrouble) return { ok: false, why: error.why } as const;
    throw error;
  }
}

async function sameDevice(one: string, other: string): Promise<boolean> {
  return (await stat(one)).dev === (await stat(other)).dev;
}

type How =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: keyof (typeof spoolWords)['vi']['faults']; readonly text?: string };

/** The last word, and the exit code: 0 only when all that was wanted was done. */
function end(how: How, json: boolean | undefined, language: Language, found: object, faulty = false): void {
  if (json === true) print({ ok: how.ok, ...(how.ok ? {} : { why: how.why, text: how.text }), ...found });
  else if (!how.ok)
    note(`matlang: ${spoolWords[language].faults[how.why]}${how.text === undefined ? '' : ` (${how.text})`}`);
  if (!how.ok || faulty) process.exitCode = 1;
}

/** Progress goes where it does not mix with what is printed. */
function everySecond<T>(tell: (value: T) => void): (value: T) => void {
  let nextMs = performance.now() + 1000;
  return (value) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + 1000;
    tell(value);
  };
}

const line = (text: string): void => void process.stdout.write(`${text}\n`);
const note = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (value: unknown): void => line(JSON.stringify(value));
