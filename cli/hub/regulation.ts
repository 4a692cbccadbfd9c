// `matlang hub regulation`: a draft of the operating regulation out of the real settings, to be read by people and signed by the commune.
import { join } from 'node:path';
import type { Command } from 'commander';
import { lookIntoCatalog } from '../../hub/catalog.ts';
import type { HubConfig } from '../../hub/config.ts';
import { allAccounts } from '../../hub/desk/accounts.ts';
import { lockRules } from '../../hub/desk/lockout.ts';
import { pointOf } from '../../hub/desk/points.ts';
import { sessionRules } from '../../hub/desk/sessions.ts';
import type { DeskStore } from '../../hub/desk/store.ts';
import { openNodeKeys } from '../../hub/node-keys.ts';
import { regulation } from '../../hub/regulation.ts';
import { escalateMs } from '../../hub/web/queue.ts';
import type { Language } from '../language.ts';
import { withDesk } from './with-desk.ts';

const words = {
  vi: 'in dự thảo quy chế vận hành (Markdown) từ cài đặt thật: vai trò, điểm camera, thời hạn lưu, ai được trích xuất',
  en: 'print a draft operating regulation (Markdown, in Vietnamese) from the real settings: roles, points, retention, who may export',
} as const;

export function registerRegulation(
  hub: Command,
  language: Language,
  readConfig: () => Promise<HubConfig | undefined>,
): void {
  hub
    .command('regulation')
    .description(words[language])
    .action(() =>
      withDesk(readConfig, async (store, config) => {
        process.stdout.write(regulation({ ...(await pointsOf(store, config)), ...settingsOf(store, config) }));
      }),
    );
}

function settingsOf(store: DeskStore, { commune, retention, pageListen }: HubConfig) {
  return {
    ...{ commune, retention, escalateMs, nowMs: Date.now(), hasTls: pageListen !== undefined },
    ...{ session: sessionRules, lock: lockRules },
    accounts: allAccounts(store).filter(({ disabled }) => !disabled),
  };
}

async function pointsOf(store: DeskStore, { dataDir, keysDir }: HubConfig) {
  const titles = new Map<string, string>();
  const db = lookIntoCatalog(join(dataDir, 'index.sqlite'));
  for (const { node, title } of db?.prepare('SELECT node, title FROM node').all() ?? [])
    titles.set(String(node), String(title ?? node));
  db?.close();
  const names = await openNodeKeys(keysDir, '', () => performance.now()).names();
  return {
    points: names.map((node) => ({ node, title: titles.get(node) ?? node, hamlet: pointOf(store, node).hamlet })),
  };
}
