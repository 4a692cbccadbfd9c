// One node of the demo: its two processes, what they say, and what they use.
import { startNode } from '../node-processes.ts';
import { treeOf, usageOf } from '../process-tree.ts';
import { waitingNames } from './compare.ts';
import type { StagedNode } from './stage.ts';
import type { NodeSummary } from './summary.ts';
import type { DemoWords } from './words.ts';

export interface DemoNode extends StagedNode {
  readonly firstPicture: Promise<void>;
  sees(): boolean;
  /** Records and segments that wait to be sent. */
  waiting(): Promise<number>;
  stopRecorder(): Promise<void>;
  stop(): Promise<void>;
  counts(): Omit<NodeSummary, 'id' | 'spoolLeft' | 'rssMb' | 'cpuS'>;
  usage(): { readonly rssMb: number; readonly cpuS: number };
}

const counted = ['framesAnalysed', 'fragments', 'segments', 'events', 'clips', 'stills', 'faults'] as const;
const sampleMs = 1000;
/** Lines of the processes' logs that people want to see in a demo. */
type LogLine = Readonly<Record<string, unknown>>;

export function startDemoNode(node: StagedNode, say: (line: string) => void, words: DemoWords): DemoNode {
  const first = Promise.withResolvers<void>();
  const state = { sees: false, rssMb: 0, cpu: new Map<number, number>() };
  const totals = { framesAnalysed: 0, fragments: 0, segments: 0, events: 0, clips: 0, stills: 0, faults: 0 };

  // What is no line of the log is what it dies of.
  const lastWords = new Map<string, string>();

  const hear = (line: LogLine) => {
    if (line.event === 'first picture') {
      state.sees = true;
      first.resolve();
    }
    if (line.event === 'event new') say(words.event(node.title, String(line.trigger)));
    if (line.event === 'fault') say(words.fault(node.title, String(line.code), String(line.text)));
    if (line.event === 'summary') for (const key of counted) totals[key] += Number(line[key] ?? 0);
  };
  const { recorder, uplink } = startNode(
    node.configPath,
    {
      line: (name, text) => {
        if (!text.startsWith('{')) lastWords.set(name, text.trim());
        hear(parse(text));
      },
      ended: (name, how) => say(words.ended(node.title, name, [how, lastWords.get(name)].filter(Boolean).join(': '))),
    },
    ['--film-begins-again'],
  );

  // The most at once, and the CPU time also of children that have ended meanwhile: so it is looked at all the time.
  const look = () => {
    const usages = [recorder.pid(), uplink.pid()]
      .flatMap((pid) => (pid === undefined ? [] : treeOf(pid)))
      .flatMap((pid) => usageOf(pid) ?? []);
    state.rssMb = Math.max(state.rssMb, sum(usages.map(({ rssMb }) => rssMb)));
    for (const { pid, cpuS } of usages) state.cpu.set(pid, cpuS);
  };
  const sampling = setInterval(look, sampleMs);

  return {
    ...node,
    firstPicture: first.promise,
    sees: () => state.sees,
    waiting: async () => (await waitingNames(node.dir)).length,
    stopRecorder: () => {
      look();
      return recorder.stop();
    },
    stop: async () => {
      look();
      clearInterval(sampling);
      await Promise.all([recorder.stop(), uplink.stop()]);
    },
    counts: () => totals,
    usage: () => ({ rssMb: Math.round(state.rssMb), cpuS: Math.round(sum([...state.cpu.values()]) * 100) / 100 }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Lines that are no JSON come from the runtime itself (a crash): shown as they are. */
function parse(text: string): LogLine {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return Object.fromEntries(Object.entries(parsed));
  } catch {
    process.stderr.write(`${text}\n`);
  }
  return {};
}
