// A TCP port on loopback that nobody has.
import { createServer } from 'node:net';

/** What this process was given and may not have bound yet: the kernel gives a port that was closed again to the next who asks. */
const given = new Set<number>();

/** `wanted` if it is free, else one that was not given before. Throws where not one is. */
export async function freePort(wanted = 0): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | undefined>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(undefined));
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
      });
    });
  let found = (await tryPort(wanted)) ?? (await tryPort(0));
  while (found !== undefined && found !== wanted && given.has(found)) found = await tryPort(0);
  if (found === undefined) throw new Error('no free TCP port on 127.0.0.1');
  given.add(found);
  return found;
}
