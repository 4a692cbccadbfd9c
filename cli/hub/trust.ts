// `matlang hub init`, `ticket`, `revoke`, `withdraw`, `nodes`: who belongs to the commune.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { readHours } from '../../agent/core/config/hours.ts';
import { faultLine } from '../../agent/core/config/read.ts';
import type { HubConfig } from '../../hub/config.ts';
import { trustPaths } from '../../hub/trust/files.ts';
import { bracketed } from '../../protocol/host.ts';
import { nameSchema } from '../../protocol/identity.ts';
import { lentSchema, writeTicket } from '../../protocol/ticket.ts';
import type { Language } from '../language.ts';
import { groupNamed } from './group.ts';
import { readHubOrComplain } from './read.ts';
import { trustWords } from './trust-words.ts';

interface HubOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export function registerTrust(hub: Command, language: Language): void {
  const say = trustWords[language];
  hub
    .command('init <dir>')
    .description(say.init)
    .option('--commune <name>', say.commune, checked(nameSchema))
    .option('--address <host...>', say.address)
    .option('--broker <embedded|mosquitto>', say.broker, oneOf('embedded', 'mosquitto'), 'mosquitto')
    .option('--broker-port <port>', say.brokerPort, portOf, 8883)
    .option('--enrol-port <port>', say.enrolPort, portOf, 8884)
    .addHelpText('after', say.initAfter)
    .action((dir: string, options: InitOptions) => init(dir, options, hub.opts<HubOptions>().json === true, language));
  hub
    .command('ticket')
    .description(say.ticket)
    .requiredOption('--node <name>', say.node, checked(nameSchema))
    .requiredOption('--place <text>', say.place)
    .option('--owner <name>', say.owner)
    .option('--contact <text>', say.contact)
    .option('--consent-date <yyyy-mm-dd>', say.consentDate)
    .option('--consent-until <yyyy-mm-dd>', say.consentUntil)
    .option('--armed <hours...>', say.armed)
    .option('--hours <n>', say.hours, hoursOf, 72)
    .option('--out <file>', say.out)
    .option('--svg <file>', say.svg)
    .addHelpText('after', say.ticketAfter)
    .action((options: TicketOptions) => ticket(options, hub.opts<HubOptions>(), language));
  for (const state of ['revoked', 'withdrawn'] as const)
    hub
      .command(`${state === 'revoked' ? 'revoke' : 'withdraw'} <node>`)
      .description(state === 'revoked' ? say.revoke : say.withdraw)
      .requiredOption('--reason <text>', say.reason)
      .action((node: string, { reason }: { reason: string }) =>
        end(node, state, reason, hub.opts<HubOptions>(), language),
      );
  hub
    .command('nodes')
    .description(say.nodes)
    .action(() => nodes(hub.opts<HubOptions>(), language));
}

interface InitOptions {
  readonly commune?: string;
  readonly address?: string[];
  readonly broker: 'embedded' | 'mosquitto';
  readonly brokerPort: number;
  readonly enrolPort: number;
}

async function init(dir: string, options: InitOptions, json: boolean, language: Language): Promise<void> {
  const say = trustWords[language];
  const { initHub } = await import('../../hub/init.ts');
  const isRoot = process.getuid?.() === 0;
  const done = await initHub({
    ...{ dir, commune: options.commune, addresses: options.address ?? ownAddresses(), broker: options.broker },
    ...{ brokerPort: options.brokerPort, enrolPort: options.enrolPort, nowMs: Date.now() },
    asRoot: isRoot ? { brokerGroup: await groupNamed('mosquitto') } : undefined,
    // sd_booted(3): nobody else would unwrap it.
    wraps: isRoot && existsSync('/run/systemd/system'),
  });
  if (!done.ok) {
    for (const fault of done.faults) process.stderr.write(`${faultLine(fault, language)}\n`);
    process.exitCode = 1;
    return;
  }
  const { made, escrow, admin, unwrapped, caSha256 } = done;
  if (json)
    return void process.stdout.write(
      `${JSON.stringify({ dir: resolve(dir), made, escrow, admin, unwrapped, caSha256 })}\n`,
    );
  process.stdout.write(
    made.length === 0 ? `${say.nothingToDo}\n` : `${say.made}\n${made.map((at) => `  ${at}\n`).join('')}`,
  );
  if (escrow !== undefined) {
    const { qrText } = await import('../../hub/trust/qr.ts');
    process.stdout.write(`\n${say.escrow}\n\n${qrText(escrow)}\n${escrow}\n\n${say.escrowAfter}\n`);
  }
  if (admin !== undefined) process.stdout.write(`\n${say.admin(admin)}\n\n`);
  if (unwrapped !== undefined) process.stdout.write(`${say.unwrapped(unwrapped)}\n`);
  process.stdout.write(`${say.initNext(resolve(dir))}\n`);
}

/** Where this machine can be reached from, as far as it knows itself. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
  return found.length === 0 ? ['127.0.0.1'] : found.slice(0, 3);
}

interface TicketOptions {
  readonly node: string;
  readonly place: string;
  readonly owner?: string;
  readonly contact?: string;
  readonly consentDate?: string;
  readonly consentUntil?: string;
  readonly armed?: string[];
  readonly hours: number;
  readonly out?: string;
  readonly svg?: string;
}

async function ticket(options: TicketOptions, { config: path = 'hub.yaml', json }: HubOptions, language: Language) {
  const say = trustWords[language];
  const config = await readHubOrComplain(path, language);
  if (config === undefined) return;
  if (!existsSync(trustPaths(config.trustDir).caCertificate)) throw new Error(say.notFounded(config.trustDir));
  const place = placeOf(options, say.lentNeeds);
  const { giveTicket } = await import('../../hub/trust/give-ticket.ts');
  const hubs = config.addresses.map((address) => `${bracketed(address)}:${config.enrolListen.port}`);
  const { trustDir, commune } = config;
  const { node, hours } = options;
  const given = await giveTicket({ trustDir, commune, node, place, hubs, nowMs: Date.now(), hours });
  const text = writeTicket(given);
  const file = options.out ?? `${node}.ticket`;
  await writeFile(file, `# ${say.ticketHead(node, options.place)}\n${text}\n`, { mode: 0o600 });
  const { qrSvg, qrText } = await import('../../hub/trust/qr.ts');
  if (options.svg !== undefined) await writeFile(options.svg, qrSvg(text), { mode: 0o600 });
  if (json === true)
    return void process.stdout.write(
      `${JSON.stringify({ file: resolve(file), ticket: text, expiresMs: given.expiresMs })}\n`,
    );
  process.stdout.write(`${qrText(text)}\n${say.ticketDone(resolve(file), node, hours)}\n`);
}

function placeOf(options: TicketOptions, needs: string) {
  const { place, owner, contact, consentDate, consentUntil, armed } = options;
  const isLent =
    owner !== undefined || contact !== undefined || consentDate !== undefined || consentUntil !== undefined;
  if (isLent && owner === undefined) throw new Error(needs);
  const today = new Date().toISOString().slice(0, 10);
  const lent = isLent
    ? lentSchema.parse({ owner, consentDate: consentDate ?? today, ...(consentUntil && { consentUntil }) })
    : undefined;
  const wrong = armed?.find((each) => !readHours(each).ok);
  if (wrong !== undefined) throw new Error(`--armed: 22:00-05:00, T7-CN 18:00-06:00; "${wrong}"`);
  return { place, ...(lent && { lent }), ...(contact && { contact }), ...(armed && { armed }) };
}

async function end(
  node: string,
  state: 'revoked' | 'withdrawn',
  reason: string,
  { config: path = 'hub.yaml', json }: HubOptions,
  language: Language,
): Promise<void> {
  const say = trustWords[language];
  const config = await readHubOrComplain(path, language);
  if (config === undefined) return;
  // Before it is done: what cannot be written down is not done.
  await writeDown(config, { action: 'revoke', subject: `node ${node}`, reason, details: { state } });
  const { openRoll } = await import('../../hub/trust/roll.ts');
  const roll = openRoll(trustPaths(config.trustDir).roll);
  try {
    if (!roll.end(node, state, reason, Date.now())) throw new Error(say.notInForce(node));
  } finally {
    roll.close();
  }
  process.stdout.write(json === true ? `${JSON.stringify({ node, state })}\n` : `${say.ended(node, state)}\n`);
}

async function writeDown(
  config: HubConfig,
  entry: { action: 'revoke'; subject: string; reason: string; details: Record<string, string> },
): Promise<void> {
  const { auditBeside } = await import('./audit-beside.ts');
  const { actor } = await import('./door.ts');
  const audit = await auditBeside(config);
  await audit.append({ actor: actor(), ...entry });
}

async function nodes({ config: path = 'hub.yaml', json }: HubOptions, language: Language): Promise<void> {
  const config = await readHubOrComplain(path, language);
  if (config === undefined) return;
  const { openRoll } = await import('../../hub/trust/roll.ts');
  const roll = openRoll(trustPaths(config.trustDir).roll);
  const rows = roll.nodes().map(({ signingKey: _, ...row }) => row);
  roll.close();
  if (json === true) return void process.stdout.write(`${JSON.stringify(rows)}\n`);
  const say = trustWords[language];
  for (const { node, state, place, lent, contact, armed } of rows) {
    const whose =
      lent === undefined ? '' : ` · ${say.lentBy(lent.owner, contact ?? '', lent.consentDate, lent.consentUntil)}`;
    process.stdout.write(
      `${node.padEnd(16)} ${say.state[state].padEnd(12)} ${place}${whose}${armed ? ` · ${armed.join(', ')}` : ''}\n`,
    );
  }
}

function checked(schema: typeof nameSchema) {
  return (text: string): string => {
    const parsed = schema.safeParse(text);
    if (!parsed.success) throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? '');
    return parsed.data;
  };
}
function oneOf(...allowed: readonly string[]) {
  return (text: string): string => {
    if (!allowed.includes(text)) throw new InvalidArgumentError(allowed.join(' | '));
    return text;
  };
}
function within(from: number, to: number) {
  return (text: string): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < from || number > to) throw new InvalidArgumentError(`${from} … ${to}`);
    return number;
  };
}
const portOf = within(1, 65_535);
const hoursOf = within(1, 24 * 30);
