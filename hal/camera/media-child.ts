// Runs one recipe: starts its processes, reads the three pipes, and reports when all of it is gone.
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Child, startChild } from './child.ts';
import type { Command, Ended, Pipe, Recipe, Trouble } from './recipe.ts';

export interface MediaChild {
  readonly recipe: Recipe;
  readonly pids: readonly number[];
  /** Settles when no process of the recipe is left and every pipe is read out. `trouble`: why its feeding stopped, where that was the cause. */
  readonly gone: Promise<{ readonly ended: readonly Ended[]; readonly trouble: Trouble | undefined }>;
  end(): void;
}

/** `seen` gets each chunk as it comes; the chunk is the callee's own. */
export function startMediaChild(
  recipe: Recipe,
  secrets: readonly string[],
  seen: (pipe: Pipe, chunk: Buffer) => void,
): MediaChild {
  const children: Child[] = [];
  for (const [index, command] of recipe.commands.entries()) {
    const before = children.at(-1)?.process;
    children.push(startChild(command, stdio(recipe, index, command, before), secrets));
    // The next process has its own copy of this descriptor. Ours must go in this same turn, before the loop could read from it.
    before?.stdout?.destroy();
  }
  for (const pipe of ['fragments', 'grey', 'jpeg'] as const) {
    const { command, fd } = recipe.gives[pipe];
    const stream = children[command]?.process.stdio[fd];
    if (isReadable(stream)) stream.on('data', (chunk: Buffer) => seen(pipe, chunk));
  }
  const stopFeeding = new AbortController();
  const end = () => {
    stopFeeding.abort();
    for (const child of children) child.end();
  };
  const feeding = feed(recipe, children[0], stopFeeding.signal, end);
  // The programs live and die together: half a recipe is no picture. A source that ends closes the pipe, which lets the encoder finish in order.
  for (const [index, child] of children.entries())
    void child.ended.then(() => {
      stopFeeding.abort();
      for (const earlier of children.slice(0, index)) earlier.end();
    });
  return {
    recipe,
    pids: children.flatMap((child) => (child.process.pid === undefined ? [] : [child.process.pid])),
    gone: Promise.all([Promise.all(children.map((child) => child.ended)), feeding]).then(([ended, trouble]) => ({
      ended,
      trouble,
    })),
    end,
  };
}

async function feed(
  recipe: Recipe,
  first: Child | undefined,
  signal: AbortSignal,
  end: () => void,
): Promise<Trouble | undefined> {
  const stdin = first?.process.stdin;
  if (recipe.feed === undefined || stdin === null || stdin === undefined) return undefined;
  // The reader's end shows in `ended`, with its reason.
  stdin.on('error', end);
  const trouble = await recipe.feed(stdin, signal);
  if (signal.aborted) return undefined;
  end();
  return trouble;
}

function stdio(recipe: Recipe, index: number, command: Command, before: ChildProcess | undefined) {
  const gives = Object.values(recipe.gives).filter((given) => given.command === index);
  const isFed = command.input !== undefined || (index === 0 && recipe.feed !== undefined);
  const extra = [3, 4].map((fd) => (gives.some((given) => given.fd === fd) ? ('pipe' as const) : ('ignore' as const)));
  return [
    before?.stdout ?? (isFed ? ('pipe' as const) : ('ignore' as const)),
    'pipe' as const,
    'pipe' as const,
    ...extra,
  ];
}

const isReadable = (stream: unknown): stream is Readable =>
  typeof stream === 'object' && stream !== null && 'on' in stream && 'readable' in stream;
