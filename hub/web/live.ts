// A live picture over HTTP: the node is asked, what it sends is opened here and goes on as it comes.
import { nameSchema } from '../../protocol/identity.ts';
import type { LiveSession } from '../live.ts';
import { routesOf } from './access.ts';
import type { App } from './env.ts';
import type { Web } from './parts.ts';
import { actorOf } from './sign-in.ts';

/** Mobile data is dear: it ends by itself, and whoever still looks asks again. */
const liveSeconds = 60;
/** From the node's yes to the first picture. */
const firstMsMax = 10_000;

export function liveRoutes(app: App, web: Web): void {
  routesOf(app, web).post('/api/live/:node', 'live', async (c, person) => {
    const node = nameSchema.safeParse(c.req.param('node'));
    if (!node.success || !(await web.keys.names()).includes(node.data)) return c.notFound();
    await web.audit.append({ actor: actorOf(person), action: 'view', subject: `live ${node.data}` });
    const started = await web.live.start(node.data, 'full', liveSeconds);
    if (!started.ok) return c.json({ error: started.why }, 409);
    const pieces = started.live.pieces[Symbol.asyncIterator]();
    const init = await Promise.race([pieces.next(), late(firstMsMax)]);
    const codec = init === undefined || init.done === true ? undefined : codecOf(init.value);
    if (init === undefined || init.done === true || codec === undefined) {
      await started.live.stop();
      return c.json({ error: 'failed' }, 409);
    }
    const headers = { 'content-type': 'video/mp4', 'x-media-type': `video/mp4; codecs="${codec}"` };
    return new Response(bodyOf(init.value, pieces, started.live), { headers });
  });
}

async function late(ms: number): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
  return undefined;
}

/** Whoever goes away stops the camera's sending too. */
function bodyOf(init: Uint8Array, pieces: AsyncIterator<Uint8Array>, live: LiveSession): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(init),
    pull: async (controller) => {
      const next = await pieces.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: () => live.stop(),
  });
}

/** `avc1.PPCCLL` (RFC 6381, 3.3) out of the avcC box (ISO/IEC 14496-15, 5.3.3.1): profile, compatibility, level. */
function codecOf(init: Uint8Array): string | undefined {
  const at = Buffer.from(init).indexOf('avcC');
  return at < 0 || at + 8 > init.length
    ? undefined
    : `avc1.${Buffer.from(init.subarray(at + 5, at + 8)).toString('hex')}`;
}
