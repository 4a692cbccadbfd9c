// The service manager behind the `Notify` port. Node has no datagram sockets for files, so the words go by `systemd-notify`.
import type { Notify } from './ports.ts';
import { runShort } from './short-child.ts';

/** systemd waits for nobody: a message that cannot be placed in this time is dropped, the next ping comes soon. */
const timeoutMs = 10_000;

export interface NotifyDoor extends Notify {
  /** Resolves when everything said so far has been passed on. */
  settled(): Promise<void>;
}

/** Silent unless `NOTIFY_SOCKET` is set. One child at a time; what is said meanwhile is merged into the next one (bound: one message waiting). */
export function openNotify(env: NodeJS.ProcessEnv = process.env): NotifyDoor {
  if (env.NOTIFY_SOCKET === undefined || env.NOTIFY_SOCKET === '') return silent;
  const waiting = new Map<string, string>();
  let going: Promise<void> | undefined;

  const drain = async () => {
    while (waiting.size > 0) {
      const words = [...waiting].map(([name, value]) => `${name}=${value}`);
      waiting.clear();
      // Its failure has no listener but the manager itself, which then acts by its watchdog.
      await runShort('systemd-notify', words, { timeoutMs, env });
    }
    going = undefined;
  };
  const say = (name: string, value: string) => {
    waiting.set(name, value);
    going ??= drain();
  };
  return {
    ready: () => say('READY', '1'),
    alive: () => say('WATCHDOG', '1'),
    stopping: () => say('STOPPING', '1'),
    status: (text) => say('STATUS', text.replaceAll('\n', ' ')),
    settled: async () => {
      await going;
    },
  };
}

const nothing = () => undefined;
const silent: NotifyDoor = {
  ready: nothing,
  alive: nothing,
  stopping: nothing,
  status: nothing,
  settled: () => Promise.resolve(),
};
