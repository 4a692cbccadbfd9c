// The words and options of `matlang hub kit`.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { bracketed } from '../../protocol/host.ts';
import { writeTicket } from '../../protocol/ticket.ts';
import { drivers, newConfig, placesFor } from '../commands/init.ts';
import type { Language } from '../language.ts';
import { namesOf } from '../names-of.ts';
import { type KitMachine, kitMachines, makeKit, newestRoot } from './kit.ts';
import { readHubOrComplain } from './read.ts';
import { type Part, parts, pinsOf, usualParts } from './wiring.ts';

const ticketHours = 72;

const words = {
  vi: {
    about: 'chuẩn bị thẻ cho một mắt camera: cắm thẻ, bật nguồn, không phải gõ gì ở cột',
    node: 'mã mắt camera',
    place: 'tên gọi của điểm camera',
    out: 'thư mục, hoặc chính phân vùng khởi động của thẻ',
    ticket: 'tệp mã đăng ký có sẵn (mặc định: làm mã mới, dùng được 72 giờ)',
    trust: 'gốc tin cậy của bản cập nhật (mặc định: bản mới nhất trong kho của máy chủ xã, nếu có)',
    driver: 'loại camera',
    url: 'địa chỉ camera IP',
    wired: `những gì nối vào chân GPIO theo docs/guide/noi-day.md, cách nhau bằng dấu phẩy, hoặc none: ${parts.join(', ')}`,
    config: 'cấu hình có sẵn thay cho cấu hình mới',
    debs: 'thư mục chứa matlang-node_…_arm64.deb và các gói nó cần',
    machine: 'loại máy (Raspberry Pi là arm64)',
    sshKey:
      'khóa SSH công khai của kỹ thuật viên (tệp .pub): vào máy bằng tên kythuat; không có thì không ai đăng nhập được',
    os: 'hệ điều hành trên thẻ (mặc định: tự nhận ra)',
    done: (out: string, files: number, mb: string) =>
      `${files} tệp, ${mb} MB trong ${out}. Chép vào phân vùng khởi động của thẻ, cắm thẻ, bật nguồn.`,
  },
  en: {
    about: 'prepare a card for a node: insert it, switch on, nothing to type at the pole',
    node: 'name of the node',
    place: 'what people call this point',
    out: 'a folder, or the boot partition of the card itself',
    ticket: 'a ticket file you have (default: a new one, good for 72 hours)',
    trust: "the makers' root of updates (default: the newest in the hub's repository, where there is one)",
    driver: 'kind of camera',
    url: 'address of an IP camera',
    wired: `what is wired to the GPIO header as docs/guide/noi-day.md has it, with commas, or none: ${parts.join(', ')}`,
    config: 'a configuration to use instead of a new one',
    debs: 'folder with matlang-node_…_arm64.deb and the packages it needs',
    machine: 'kind of machine (a Raspberry Pi is arm64)',
    sshKey: "a technician's public SSH key (.pub file): logs in as kythuat; without one nobody can log in",
    os: 'system on the card (default: found out)',
    done: (out: string, files: number, mb: string) =>
      `${files} files, ${mb} MB in ${out}. Copy them to the boot partition of the card, insert it, switch on.`,
  },
} as const;

interface Options {
  readonly node: string;
  readonly place: string;
  readonly out: string;
  readonly ticket?: string;
  readonly trust?: string;
  readonly driver: string;
  readonly url: string;
  readonly wired: readonly Part[];
  readonly nodeConfig?: string;
  readonly debs: string;
  readonly machine: KitMachine;
  readonly sshKey?: string;
  readonly os?: 'trixie' | 'bookworm';
}

export function registerKit(hub: Command, language: Language): void {
  const say = words[language];
  hub
    .command('kit')
    .description(say.about)
    .requiredOption('--node <name>', say.node)
    .requiredOption('--place <text>', say.place)
    .requiredOption('--out <dir>', say.out)
    .option('--ticket <file>', say.ticket)
    .option('--trust <root.json>', say.trust)
    .addOption(new Option('--driver <name>', say.driver).choices(drivers).default('pi'))
    .option('--url <rtsp://…>', say.url, '')
    .addOption(new Option('--wired <parts>', say.wired).argParser(partsOf).default(usualParts, usualParts.join(',')))
    .option('--node-config <file>', say.config)
    .option('--debs <dir>', say.debs, 'dist')
    .option('--ssh-key <file>', say.sshKey)
    .addOption(new Option('--machine <name>', say.machine).choices(kitMachines).default('arm64'))
    .addOption(new Option('--os <name>', say.os).choices(['trixie', 'bookworm']))
    .action((options: Options) => kit(options, hub.opts<HubOptions>(), language));
}

function partsOf(text: string): readonly Part[] {
  if (text === 'none') return [];
  const refuse = (unknown: string) => `must be none, or some of ${parts.join(', ')}, not ${JSON.stringify(unknown)}`;
  return namesOf(text, parts, refuse);
}

interface HubOptions {
  readonly config?: string;
  readonly json?: boolean;
}

async function kit(options: Options, { config, json }: HubOptions, language: Language): Promise<void> {
  const { node, place, driver, url, out, machine } = options;
  const given =
    options.ticket === undefined
      ? await fromHub(node, place, config ?? 'hub.yaml', language)
      : { ticket: await readFile(options.ticket, 'utf8'), root: undefined };
  if (given === undefined) return;
  const trust = options.trust ?? given.root;
  const names = (await readdir(options.debs)).filter((name) => name.endsWith('.deb'));
  const made = await makeKit({
    ...{ node, out, machine, os: options.os },
    sshKey: options.sshKey === undefined ? undefined : await readFile(options.sshKey, 'utf8'),
    ticket: given.ticket,
    trust: trust === undefined ? undefined : await readFile(trust, 'utf8'),
    config:
      options.nodeConfig === undefined
        ? newConfig(
            { driver, commune: 'xa', node, title: place, url, film: '' },
            { ...placesFor('/etc/matlang/node.yaml'), pins: pinsOf(options.wired) },
          )
        : await readFile(options.nodeConfig, 'utf8'),
    // Of both machines' packages the card takes those it can run.
    debs: names
      .filter((name) => ['all', machine].some((each) => name.endsWith(`_${each}.deb`)))
      .filter((name) => !name.startsWith('matlang-hub_'))
      .map((name) => join(options.debs, name)),
    stamp: Date.now().toString(36),
  });
  if (!made.ok) throw new Error(made.text);
  const mb = (made.bytes / 1e6).toFixed(1);
  if (json) process.stdout.write(`${JSON.stringify({ ok: true, out, files: made.files, bytes: made.bytes })}\n`);
  else process.stdout.write(`${words[language].done(out, made.files.length, mb)}\n`);
}

/** What only the hub can give. Undefined where its configuration is faulty: every fault has been told. */
async function fromHub(
  node: string,
  place: string,
  path: string,
  language: Language,
): Promise<{ ticket: string; root: string | undefined } | undefined> {
  const config = await readHubOrComplain(path, language);
  if (config === undefined) return undefined;
  const { giveTicket } = await import('../../hub/trust/give-ticket.ts');
  const hubs = config.addresses.map((address) => `${bracketed(address)}:${config.enrolListen.port}`);
  const { trustDir, commune } = config;
  const rules = { trustDir, commune, node, place: { place }, hubs, nowMs: Date.now(), hours: ticketHours };
  return { ticket: writeTicket(await giveTicket(rules)), root: await newestRoot(config.releasesDir) };
}
