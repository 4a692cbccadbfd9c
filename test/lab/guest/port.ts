// The line between a virtual node's program and its lab: one JSON object a line.
import { openSync, readSync, writeSync } from 'node:fs';

export interface Port<Word> {
  say(word: Word): void;
  /** One line from the lab. Nothing else goes on meanwhile. */
  hear(): string;
}

export function openPort<Word>(): Port<Word> {
  const port = openSync('/dev/vport0p1', 'r+');
  return {
    say: (word) => void writeSync(port, `${JSON.stringify(word)}\n`),
    hear: () => {
      const bytes = Buffer.alloc(64 * 1024);
      let text = '';
      while (!text.endsWith('\n')) text += bytes.toString('utf8', 0, readSync(port, bytes));
      return text;
    },
  };
}
