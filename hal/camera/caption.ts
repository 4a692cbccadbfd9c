// The text that the media child burns into what people look at. ffmpeg re-reads the file at every frame, so it is replaced in one step and never empty.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CaptionFile {
  readonly path: string;
  /** Makes the file where nothing was written yet: the media child refuses to start without one. */
  ensure(): void;
  /** @throws what node:fs throws when the folder is full or gone. */
  write(text: string): void;
}

const charsMax = 200;

/** `runDir` lies on tmpfs: a write is a copy in memory, which is why this may be synchronous. */
export function captionFile(runDir: string): CaptionFile {
  const path = join(runDir, 'caption.txt');
  let written: string | undefined;
  const write = (text: string) => {
    const line = text
      .replaceAll(/\p{Cc}+/gu, ' ')
      .slice(0, charsMax)
      .trim();
    if (line === written) return;
    writeFileSync(`${path}.new`, line === '' ? ' ' : line, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    written = line;
  };
  return { path, write, ensure: () => write(written ?? '') };
}
