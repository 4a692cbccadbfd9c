// The hub's repository, at its enrolment door: the commune's own CA on both sides, whatever address the hub has today.
import { addressOf } from '../../agent/ask-hub.ts';
import { dial, type Trusted } from '../../agent/dial.ts';
import { get } from '../../agent/http.ts';
import { type Ask, ask, askedSource, type Source } from './source.ts';

/** `hubs`: `host:port`, tried one after the other until one answers. */
export function hubSource(hubs: readonly string[], trusted: Trusted, signal: AbortSignal): Source {
  const askHub: Ask = async (path, from) => {
    const tried: string[] = [];
    for (const hub of hubs) {
      const dialled = await dial(addressOf(hub), trusted, signal);
      if (!dialled.ok) {
        tried.push(`${hub}: ${dialled.text}`);
        continue;
      }
      const { socket } = dialled;
      return await ask(({ headers, timeout }, heard) => {
        // No agent: it would make a connection of its own.
        const request = {
          timeout,
          headers: { ...headers, host: 'hub', connection: 'close' },
          path: `/releases/${path}`,
        };
        return get({ ...request, createConnection: () => socket }, heard);
      }, from);
    }
    return tried.join('; ');
  };
  return askedSource('hub:', askHub);
}
