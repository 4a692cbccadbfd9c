// Folders that stay. Shared by the real card and the simulated one, so that what is proven of one holds for the other.
//
// INVARIANT: a folder is made only in one whose own name is flushed; so of a whole path only the last name can be missing after a power cut.
import { dirname } from 'node:path';

export interface FolderSteps {
  isThere(path: string): Promise<boolean>;
  /** This folder alone; no effect where it is there by now. */
  mkdir(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

/**
 * Makes the folder and its parents, each flushed before something is made in it. One that is there already is flushed as well: whoever made
 * it may have been killed, or met a bad card, before its own flush. Throws what the steps throw.
 */
export async function makeFolderDurably(path: string, steps: FolderSteps): Promise<void> {
  const above = dirname(path);
  const isThere = await steps.isThere(path);
  if (!isThere) {
    await makeFolderDurably(above, steps);
    await steps.mkdir(path);
  }
  await steps.syncFolder(above).catch((error: unknown) => {
    // The parent is another account's, and so is the folder in it: whoever may not read it has not made it.
    if (isThere && error instanceof Error && 'code' in error && error.code === 'EACCES') return;
    throw error;
  });
}
