// A disk between the program and the card that leaves out, or does late, every call made at one place: the program with that step forgotten,
// or done in the wrong order. No source is edited. What notices no mutant proves nothing.
import { makeFolderDurably } from '../make-folder.ts';
import type { Disk, DiskFile } from '../ports.ts';
import type { DurableOp, SimDisk } from './sim-disk.ts';

/** A call as a place in the program sees it. `above`: the flush of a made folder into the one above it. */
export interface Step {
  readonly op: DurableOp | 'above';
  readonly path: string;
  readonly to: string | undefined;
}

/** `skip`: never done, and answered as if it were. `late`: done after the step that follows it. */
export interface Mutant {
  readonly site: string;
  readonly how: 'skip' | 'late';
}

/** `siteOf` names the place a step is made at; each one is told to `seen`. */
export function mutated(
  sim: SimDisk,
  mutant: Mutant | undefined,
  siteOf: (step: Step) => string,
  seen: (site: string, op: Step['op']) => void,
): Disk {
  let owed: (() => Promise<unknown>) | undefined;

  const step = async <T>(op: Step['op'], path: string, to: string | undefined, work: () => Promise<T>, skipped: T) => {
    const site = siteOf({ op, path, to });
    seen(site, op);
    if (site === mutant?.site) {
      if (mutant.how === 'late') owed = work;
      return skipped;
    }
    const done = await work();
    const late = owed;
    owed = undefined;
    await late?.();
    return done;
  };
  const wrapFile = (file: DiskFile, path: string): DiskFile => ({
    write: (bytes, position) => step('write', path, undefined, () => file.write(bytes, position), undefined),
    sync: () => step('sync', path, undefined, () => file.sync(), undefined),
    close: () => file.close(),
  });
  return {
    ...sim,
    create: async (path) => {
      const file = await sim.create(path);
      seen(siteOf({ op: 'create', path, to: undefined }), 'create');
      return wrapFile(file, path);
    },
    makeFolder: (path) =>
      makeFolderDurably(path, {
        isThere: sim.isThere,
        mkdir: sim.mkdir,
        syncFolder: (above) => step('above', above, undefined, () => sim.syncFolder(above), undefined),
      }),
    rename: (path, to) => step('rename', path, to, () => sim.rename(path, to), undefined),
    link: (path, to) => step('link', path, to, () => sim.link(path, to), undefined),
    remove: (path) => step('remove', path, undefined, () => sim.remove(path), undefined),
    syncFolder: (path) => step('syncFolder', path, undefined, () => sim.syncFolder(path), undefined),
  };
}
