// `matlang enrol TICKET`: this node joins its commune.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { enrol } from '../../agent/enrol.ts';
import { disk } from '../../hal/disk.ts';
import { readTicket } from '../../protocol/ticket.ts';
import { giveToFoldersOwner, identityDirOf, writeJoined } from '../enrol-config.ts';
import { type Language, languageOf } from '../language.ts';

interface Options {
  readonly config: string;
  readonly json?: boolean;
}

const words = {
  vi: {
    about: 'đưa mắt camera này vào xã bằng mã đăng ký',
    ticket: 'tệp mã đăng ký, hoặc chính dòng MATLANG1:… (quét từ mã QR)',
    config: 'cấu hình của mắt camera; chưa có thì được tạo',
    json: 'kết quả dạng JSON',
    after: `
Khóa được tạo ngay trên mắt camera và không rời khỏi nó. Mất mạng giữa chừng: chạy lại với cùng mã.
Sau đó: xem lại camera trong tệp cấu hình, rồi khởi động (sudo systemctl restart matlang-recorder matlang-uplink).`,
    done: (node: string, place: string, commune: string, broker: string) =>
      `${node} (${place}) đã vào ${commune}. Máy chủ MQTT: ${broker}`,
    continues: (boot: string, seq: number) => `Chuỗi băm nối tiếp thẻ cũ, sau bản ghi ${boot}/${seq}.`,
    why: {
      'other-node': 'thẻ này đã thuộc về một mắt camera khác; dùng thẻ (thư mục danh tính) mới',
      'no-hub': 'không tới được máy chủ xã, hoặc đó không phải máy chủ của xã',
      refused: 'máy chủ xã từ chối: mã đã dùng, hết hạn hoặc đã bị thay',
      answer: 'câu trả lời của máy chủ không khớp với mã đăng ký',
    },
  },
  en: {
    about: 'join a commune with a ticket',
    ticket: 'ticket file, or the line MATLANG1:… itself (from the QR code)',
    config: "the node's configuration; made where there is none",
    json: 'result as JSON',
    after: `
Keys are made on the node and never leave it. If the network fails half-way, run it again with the same ticket.
Then look at the camera in the configuration and start (sudo systemctl restart matlang-recorder matlang-uplink).`,
    done: (node: string, place: string, commune: string, broker: string) =>
      `${node} (${place}) has joined ${commune}. Broker: ${broker}`,
    continues: (boot: string, seq: number) => `The chain goes on from the old card, after record ${boot}/${seq}.`,
    why: {
      'other-node': 'this card belongs to another node; use a new card (identity folder)',
      'no-hub': "the hub cannot be reached, or it is not the commune's hub",
      refused: 'the hub refuses: the ticket was used, has expired or was replaced',
      answer: "the hub's answer does not fit the ticket",
    },
  },
} as const;

export function register(program: Command): void {
  const language = languageOf(program);
  const say = words[language];
  program
    .command('enrol <TICKET>')
    .description(say.about)
    .option('--config <file>', say.config, existsSync('/etc/matlang') ? '/etc/matlang/node.yaml' : 'node.yaml')
    .option('--json', say.json)
    .addHelpText('after', say.after)
    .action((ticket: string, options: Options) => run(ticket, options, language));
}

async function run(told: string, { config, json }: Options, language: Language): Promise<void> {
  const say = words[language];
  const read = readTicket(existsSync(told) ? await readFile(told, 'utf8') : told);
  if (!read.ok) throw new Error(read.text);
  const path = resolve(config);
  const identityDir = await identityDirOf(path);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const joined = await enrol(disk, identityDir, read.ticket, stop.signal);
  if (!joined.ok) throw new Error(`${say.why[joined.why]} (${joined.text})`);
  const { answer, continues } = joined;
  await writeJoined(path, answer);
  await giveToFoldersOwner(identityDir, dirname(identityDir), path);
  const { commune, node, place, broker, lent } = answer;
  if (json === true)
    return void process.stdout.write(
      `${JSON.stringify({ commune, node, place, broker, continues, lent, config: path })}\n`,
    );
  process.stdout.write(`${say.done(node, place, commune, broker)}\n`);
  if (continues !== undefined) process.stdout.write(`${say.continues(continues.boot, continues.seq)}\n`);
}
