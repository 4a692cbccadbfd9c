// The desk's book, opened for one command beside a running hub.
import { disk } from '../../hal/disk.ts';
import type { HubConfig } from '../../hub/config.ts';
import { type DeskStore, openDeskStore } from '../../hub/desk/store.ts';

/** Does nothing where `readConfig` gives undefined: it has told what is wrong by then. */
export async function withDesk(
  readConfig: () => Promise<HubConfig | undefined>,
  work: (store: DeskStore, config: HubConfig) => Promise<void> | void,
): Promise<void> {
  const config = await readConfig();
  if (config === undefined) return;
  await disk.makeFolder(config.dataDir);
  const store = openDeskStore(config.dataDir);
  try {
    await work(store, config);
  } finally {
    store.close();
  }
}
