// The network as the kernel counts it: /proc and /sys only, no process. Read where the network is: the recorder has none.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetLink } from './ports.ts';

/** All but the loopback; `root` is where /proc and /sys hang (another folder in tests). */
export async function readLinks(root = '/'): Promise<readonly NetLink[]> {
  const [devices, route, wireless] = await Promise.all([
    whole(root, 'proc/self/net/dev'),
    whole(root, 'proc/self/net/route'),
    whole(root, 'proc/self/net/wireless'),
  ]);
  const rows = devices.split('\n').flatMap((row) => {
    const [, name, rest] = /^\s*([^:\s]+):\s*(.*)$/.exec(row) ?? [];
    return name === undefined || rest === undefined || name === 'lo' ? [] : [{ name, figures: rest.split(/\s+/) }];
  });
  return Promise.all(
    rows.map(async ({ name, figures }) => {
      const state = (await whole(root, `sys/class/net/${name}/operstate`)).trim();
      return {
        name,
        // Modems and tunnels say "unknown" while they carry traffic.
        up: state === 'up' || state === 'unknown',
        rxBytes: Number(figures[0] ?? 0),
        txBytes: Number(figures[8] ?? 0),
        signalDbm: signalOf(wireless, name),
        // Interface, destination: 00000000 is the default route (proc_net_route).
        isDefault: new RegExp(`^${escaped(name)}\\s+00000000\\s`, 'm').test(route),
      };
    }),
  );
}

/** `wlan0: 0000   54.  -56.  -256 …`: status, link, level in dBm. */
function signalOf(wireless: string, name: string): number | null {
  const level = new RegExp(`^\\s*${escaped(name)}:\\s+\\S+\\s+\\S+\\s+(-?\\d+)`, 'm').exec(wireless)?.[1];
  return level === undefined ? null : Number(level);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const whole = (root: string, path: string): Promise<string> => readFile(join(root, path), 'utf8').catch(() => '');
