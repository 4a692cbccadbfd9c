// Folders that stay. Shared by the real card and the simulated one, so that what is proven of one holds for the other.
import { dirname } from 'node:path';

export interface FolderSteps {
  /** Makes this folder alone. */
  mkdir(path: string): Promise<'made' | 'there' | 'no-parent'>;
  syncFolder(path: string): Promise<void>;
}

/**
 * Makes the folder and its parents, each flushed into the one above before the next is begun. A folder that is there already is flushed as
 * well: whoever made it may have been killed before its own flush. Throws what the steps throw.
 */
export async function makeFolderDurably(path: string, steps: FolderSteps): Promise<void> {
  const above = dirname(path);
  let found = await steps.mkdir(path);
  if (found === 'no-parent') {
    if (above === path) throw new Error(`${path} cannot be made`);
    await makeFolderDurably(above, steps);
    found = await steps.mkdir(path);
  }
  await steps.syncFolder(above).catch((error: unknown) => {
    // The parent is another account's, and so the folder is: whoever may not read it has not made it.
    if (found === 'there' && error instanceof Error && 'code' in error && error.code === 'EACCES') return;
    throw error;
  });
}
