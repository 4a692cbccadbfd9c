// What a process and all its children use, read from /proc.
import { readdirSync, readFileSync } from 'node:fs';

export interface Usage {
  readonly pid: number;
  readonly command: string;
  readonly cpuS: number;
  readonly rssMb: number;
  /** Shared pages divided among those who share them. */
  readonly pssMb: number;
  /** Pages that nobody else has. */
  readonly privateMb: number;
}

/** USER_HZ is 100 on every Linux that Debian builds. */
const ticksPerSecond = 100;

/** The processes below and including `root`; empty when it has gone. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const stat = Number.isInteger(pid) ? fieldsOf(pid) : undefined;
    if (stat === undefined) continue;
    const parent = Number(stat[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  for (const queue = [root]; queue.length > 0; ) {
    const pid = queue.pop();
    if (pid === undefined) break;
    if (fieldsOf(pid) !== undefined) found.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** Undefined when it has gone meanwhile. */
export function usageOf(pid: number): Usage | undefined {
  const stat = fieldsOf(pid);
  const rollup = readText(`/proc/${pid}/smaps_rollup`);
  if (stat === undefined || rollup === undefined) return undefined;
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
  return {
    pid,
    command: (readText(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, 3).join(' '),
    cpuS: (Number(stat[11]) + Number(stat[12])) / ticksPerSecond,
    rssMb: mb('Rss'),
    pssMb: mb('Pss'),
    privateMb: mb('Private_Clean') + mb('Private_Dirty'),
  };
}

/** CPU seconds of the process itself. */
export function cpuOf(pid: number): number {
  const stat = fieldsOf(pid);
  return stat === undefined ? 0 : (Number(stat[11]) + Number(stat[12])) / ticksPerSecond;
}

/** CPU seconds of the process, and of the children it has waited for. */
export function cpuWithEnded(pid: number): number {
  const stat = fieldsOf(pid);
  if (stat === undefined) return 0;
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(stat[at]), 0) / ticksPerSecond;
}

/** Fields of /proc/PID/stat from `state` on (proc(5) field 3 is index 0); the name before may hold anything. */
function fieldsOf(pid: number): string[] | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
