// A ZIP as a set of files, each read only when asked for. Nothing in it is believed: names that lead out of it are refused, sizes are bounded.
import { buffer } from 'node:stream/consumers';
import { type Entry, openPromise } from 'yauzl';
import type { EvidenceFiles } from '../../hub/custody/files.ts';

/** More is not an export of ours: `placesPerHold` of the hub, opened and sealed, and their company. */
const entriesMax = 300_000;
/** The largest is a film of 900 segments of 10 s at 8 Mbit/s. */
const fileBytesMax = 1_900_000_000;

export interface ZipFiles extends EvidenceFiles {
  close(): void;
}

/** Rejects when it is not a whole ZIP. */
export async function openZip(path: string): Promise<ZipFiles> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      if (entries.has(entry.fileName)) throw new Error(`${entry.fileName} is in the ZIP twice`);
      if (entries.size >= entriesMax) throw new Error(`more than ${entriesMax} files are in the ZIP`);
      entries.set(entry.fileName, entry);
    }
    return {
      names: [...entries.keys()],
      read: async (name) => {
        const entry = entries.get(name);
        if (entry === undefined) throw new Error(`${name} is not in the ZIP`);
        if (entry.uncompressedSize > fileBytesMax) throw new Error(`${name} is larger than ${fileBytesMax} bytes`);
        return await buffer(await zip.openReadStreamPromise(entry));
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}
