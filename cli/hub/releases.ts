// `matlang hub releases`: the makers' delivery into the hub's repository, and what lies there. And while the hub runs, its repository never goes out of date.
import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Log } from '../../agent/log.ts';
import type { HubConfig } from '../../hub/config.ts';
import { keyPath } from '../../hub/credential.ts';
import { readHand, type SigningHand } from '../../ota/trust/keys.ts';
import { isDue, publish } from '../../ota/trust/repository.ts';
import { sourceAt } from '../../ota/trust/source.ts';
import { takeOver } from '../../ota/trust/take-over.ts';
import { allOffers, type Offer } from '../../ota/trust/targets.ts';
import type { Language } from '../language.ts';
import { lookInto } from './releases-look.ts';

const words = {
  vi: {
    about: 'kho bản phần mềm đã ký của xã',
    take: 'nhận bản mới từ nhà cung cấp (USB hoặc địa chỉ http): kiểm chữ ký, chép vào kho, công bố',
    list: 'các bản trong kho, mới nhất trước',
    none: 'Kho chưa có bản nào.',
    nothingNew: 'Không có gì mới trong nguồn này.',
    taken: (names: string) => `Đã nhận và công bố: ${names}`,
    noKey: (path: string) =>
      `chưa có khóa công bố ${path}; tạo bằng matlang release keys rồi đưa phần công khai vào lễ khóa`,
    failed: (text: string) => `không nhận: ${text}`,
    bad: (place: string, text: string) => `kho ${place} không dùng được: ${text}`,
  },
  en: {
    about: "the commune's repository of signed releases",
    take: "take the makers' delivery (stick or http address): check signatures, copy, publish",
    list: 'the releases in the repository, newest first',
    none: 'The repository has no release yet.',
    nothingNew: 'Nothing is new there.',
    taken: (names: string) => `Taken and published: ${names}`,
    noKey: (path: string) =>
      `there is no publishing key ${path}; make one by matlang release keys, and bring its public half to the key ceremony`,
    failed: (text: string) => `not taken: ${text}`,
    bad: (place: string, text: string) => `the repository ${place} cannot be used: ${text}`,
  },
} as const;

export function registerReleases(
  hub: Command,
  language: Language,
  readConfig: () => Promise<HubConfig | undefined>,
): void {
  const say = words[language];
  const releases = hub.command('releases').description(say.about);
  const isJson = () => hub.opts<{ json?: boolean }>().json === true;
  const tell = (text: string) => process.stdout.write(`${text}\n`);

  releases
    .command('take <from>')
    .description(say.take)
    .action(async (place: string) => {
      const config = await readConfig();
      if (config === undefined) return;
      const key = keyOf(config);
      if (key === undefined) throw new Error(say.noKey(config.releasesKey));
      const taken = await takeOver(config.releasesDir, sourceAt(place), progress);
      if (!taken.ok) throw new Error(say.failed(taken.text));
      // Published even where nothing is new: a take that was cut off is finished by the next one.
      const published = publish(config.releasesDir, [key], Date.now());
      if (!published.ok) throw new Error(say.failed(published.text));
      if (isJson()) tell(JSON.stringify({ taken: taken.made, version: published.made }));
      else tell(taken.made.length === 0 ? say.nothingNew : say.taken(taken.made.map(named).join(', ')));
    });
  releases
    .command('list')
    .description(say.list)
    .action(async () => {
      const config = await readConfig();
      if (config === undefined) return;
      const looked = await lookInto(config.releasesDir, Date.now());
      if (!looked.ok) throw new Error(say.bad(config.releasesDir, looked.text));
      const offers = allOffers(looked.trusted);
      if (isJson()) tell(JSON.stringify(offers));
      else if (offers.length === 0) tell(say.none);
      else for (const offer of offers) tell(`${named(offer)}\n  ${offer.note[language].replaceAll('\n', '\n  ')}`);
    });
}

const named = ({ release, arch }: Offer): string => `${release} (${arch})`;

function progress(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor((100 * done) / Math.max(1, all))} %`);
}

/** Undefined where there is none: such a hub serves what was published elsewhere. */
function keyOf({ releasesKey }: HubConfig): SigningHand | undefined {
  const path = keyPath(releasesKey);
  return existsSync(path) ? readHand(readFileSync(path, 'utf8'), process.env.MATLANG_KEY_PASSPHRASE) : undefined;
}

const lookEveryMs = 3_600_000;

/** Renews the repository's timestamp and snapshot long before they expire; a node refuses one that has. Never throws. */
export function keepPublished(config: HubConfig, log: Log, everyMs = lookEveryMs): NodeJS.Timeout {
  const look = () => {
    try {
      const key = keyOf(config);
      if (key === undefined || !isDue(config.releasesDir, Date.now())) return;
      const published = publish(config.releasesDir, [key], Date.now());
      if (published.ok) log('info', 'releases renewed', { version: published.made });
      else log('warn', 'releases cannot be renewed', { why: published.text });
    } catch (error) {
      log('warn', 'releases cannot be renewed', { why: String(error) });
    }
  };
  look();
  return setInterval(look, everyMs);
}
