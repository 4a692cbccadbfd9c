// Why the recorder starts: what is known about how it ended before. Told to the hub, so that a pole that keeps dying says of what.

export interface LastEnd {
  /** The kernel's boot id at the run before; undefined at the first start of all. */
  readonly bootIdBefore: string | undefined;
  readonly bootIdNow: string | undefined;
  /** The run before finished what it had open and said so. */
  readonly orderly: boolean;
  /** systemd's words about the service that ended in this boot: result, code and status (systemd.exec, SERVICE_RESULT). */
  readonly service: { readonly result: string; readonly code: string; readonly status: string } | undefined;
  /** Status bits of the hardware watchdog's last reset, where the board tells (WDIOF_*, linux/watchdog.h). */
  readonly watchdogBits: number | undefined;
}

export type StartCause =
  | 'first-start'
  | 'asked'
  | 'watchdog'
  | 'crash'
  | 'out-of-memory'
  | 'killed'
  | 'machine-restarted'
  | 'hardware-watchdog'
  | 'power-cut';

/** WDIOF_CARDRESET: the card has reset the machine. */
const cardReset = 0x20;

export function startCause(last: LastEnd): { readonly cause: StartCause; readonly text: string } {
  if (last.bootIdBefore === undefined) return { cause: 'first-start', text: 'first start on this card' };
  if (last.bootIdBefore !== last.bootIdNow) return machineCause(last);
  const { service } = last;
  if (service?.result === 'watchdog') {
    return { cause: 'watchdog', text: 'the recorder made no progress and was ended by the service watchdog' };
  }
  if (service?.result === 'oom-kill')
    return { cause: 'out-of-memory', text: 'the kernel ended the recorder for memory' };
  if (last.orderly) return { cause: 'asked', text: 'the recorder was stopped in order' };
  if (service === undefined) return { cause: 'killed', text: 'the recorder ended without finishing' };
  const words = `${service.result}, ${service.code} ${service.status}`;
  if (service.code === 'killed') return { cause: 'killed', text: `the recorder was killed (${words})` };
  return { cause: 'crash', text: `the recorder ended by itself (${words})` };
}

function machineCause(last: LastEnd): ReturnType<typeof startCause> {
  if (((last.watchdogBits ?? 0) & cardReset) !== 0) {
    return { cause: 'hardware-watchdog', text: 'the hardware watchdog has reset the machine: the kernel hung' };
  }
  if (last.orderly) return { cause: 'machine-restarted', text: 'the machine was restarted in order' };
  return { cause: 'power-cut', text: 'the machine stopped without warning: power cut, reset or a hung kernel' };
}
