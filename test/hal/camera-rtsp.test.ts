// A network camera with a password, for real: GStreamer's RTSP server on loopback.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressScript, rtspRecipes } from '../../hal/camera/drivers/rtsp.ts';
import { redact, secretsOf } from '../../hal/camera/redact.ts';
import type { RtspSettings } from '../../hal/camera/settings.ts';
import { judge, survey } from '../../hal/camera/survey.ts';
import type { Camera } from '../../hal/ports.ts';
import { skipWhen } from '../support/skip.ts';
import {
  all,
  analysis,
  asMp4,
  camera,
  commandLinesWith,
  decodedFrames,
  has,
  isAlive,
  type Kept,
  ownFolder,
  picture,
  sizeOf,
  watch,
} from './camera-world.ts';

const server = join(import.meta.dirname, 'stand-ins', 'rtsp-server.py');
const hasServer =
  spawnSync('/usr/bin/python3', ['-c', 'import gi; gi.require_version("GstRtspServer", "1.0")']).status === 0;
const withServer = skipWhen(hasServer ? undefined : 'needs python3-gi and gir1.2-gst-rtsp-server-1.0')(test);

const [user, password] = ['ky-thuat', 'mat%khau!9'];
const written = encodeURIComponent(password);
const servers: ChildProcess[] = [];
const rtsp = (url: string): RtspSettings => ({ ...picture, driver: 'rtsp', url, transport: 'tcp' });

/** Serves one camera; the address carries the password. */
async function serve(source: string, size: string, encoder: string): Promise<string> {
  const [width, height] = size.split('x');
  const shape = `video/x-raw,width=${width},height=${height},framerate=15/1`;
  const args = [server, user, password, `${source} ! ${shape} ! ${encoder} name=pay0 pt=96`];
  const child = spawn('/usr/bin/python3', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  servers.push(child);
  for await (const port of createInterface({ input: child.stdout }))
    return `rtsp://${user}:${written}@127.0.0.1:${port}/cam`;
  throw new Error('the RTSP server ended');
}
const live = 'videotestsrc is-live=true pattern=ball';
const h264 = (gop: number) =>
  `x264enc tune=zerolatency speed-preset=ultrafast key-int-max=${gop} option-string=scenecut=0 ! rtph264pay config-interval=1`;

test.after(async () => {
  for (const child of servers) {
    if (child.signalCode !== null || child.exitCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** Watches, and looks into every process's command line at each sight. */
async function watchSecret(source: Camera, enough: (seen: readonly Kept[]) => boolean, limitMs: number) {
  const leaks = new Set<string>();
  const looking = setInterval(() => {
    for (const line of [...commandLinesWith(password), ...commandLinesWith(written)])
      if (!line.includes('rtsp-server.py')) leaks.add(line);
  }, 100);
  try {
    const seen = await watch(source, enough, limitMs);
    const said = JSON.stringify([seen.map((sight) => ('text' in sight ? sight.text : '')), source.inventory()]);
    return { seen, leaks: [...leaks], said };
  } finally {
    clearInterval(looking);
  }
}

withServer(
  'a survey tells size, rate, key frames and clock of a camera that is there, and whether it is of use',
  async () => {
    const never = new AbortController().signal;
    const [often, seldom] = await Promise.all(
      [15, 60].map(async (gop) => await survey(await serve(live, '640x360', h264(gop)), never)),
    );
    if (often === undefined || seldom === undefined) throw new Error('two were looked at');
    const { picture: seen, gopMs, kbps, clockErrorS } = often;
    assert.equal([seen?.codec, seen?.width, seen?.height], ['h264', 640, 360]);
    assert.ok(Math.abs((gopMs ?? 0) - 1000) < 150, `key frames every ${gopMs} ms`);
    assert.ok((kbps ?? 0) > 10, `${kbps} kbit/s`);
    assert.ok(Math.abs(clockErrorS ?? 99) <= 2, `clock off by ${clockErrorS} s`);
    assert.equal(judge(often), { verdict: 'copy', whys: [] });
    assert.equal(judge(seldom), { verdict: 'encode', whys: ['gop'] });
    assert.not.match(JSON.stringify([often, seldom]), password);
  },
);

withServer(
  'its own H.264 is kept where nothing is drawn on it, and the password stands in no command line',
  async () => {
    const source = camera(rtsp(await serve(live, '640x480', h264(15))));
    let pids: readonly number[] = [];
    const { seen, leaks, said } = await watchSecret(
      source,
      (so) => {
        pids = source.inventory().pids;
        return has('fragment', 5)(so);
      },
      25_000,
    );
    assert.equal(leaks, []);
    assert.not.ok(said.includes(password) || said.includes(written), said);
    assert.is(all(seen, 'start')[0]?.recipe, 'rtsp → copy');
    assert.ok(decodedFrames(asMp4(seen)) >= 60);
    assert.is(sizeOf(asMp4(seen)), '640,480', 'copied as it came, larger than asked');
    assert.ok(has('grey', 15)(seen) && has('jpeg', 3)(seen));
    assert.not.ok(pids.some(isAlive));
  },
);

withServer('key frames too far apart are seen by the self-test: it is encoded anew, and the name says so', async () => {
  const source = camera(rtsp(await serve(live, '320x180', h264(45))));
  const { seen } = await watchSecret(source, (so) => has('start', 2)(so) && has('fragment', 4)(so), 25_000);
  assert.equal(
    all(seen, 'start').map(({ recipe }) => recipe),
    ['rtsp → copy', 'rtsp → libx264 (its own video failed the self-test)'],
  );
  assert.match(source.inventory().left[0]?.why ?? '', /key frames/);
});

withServer(
  'with a caption it is encoded anew, in its own shape; when the camera goes away that is a fault within 3 s',
  async () => {
    const address = await serve(live, '640x480', h264(15));
    const source = camera({ ...rtsp(address), caption: true });
    let killedAtMs = 0;
    const { seen, leaks, said } = await watchSecret(
      source,
      (so) => {
        if (killedAtMs === 0 && has('fragment', 2)(so)) {
          killedAtMs = performance.now();
          servers.at(-1)?.kill('SIGKILL');
        }
        return has('fault')(so);
      },
      25_000,
    );
    assert.is(all(seen, 'start')[0]?.recipe, 'rtsp → libx264 (caption)');
    assert.is(sizeOf(asMp4(seen)), '480,360');
    assert.ok(performance.now() - killedAtMs < 4000);
    assert.equal(leaks, []);
    assert.not.ok(said.includes(password) || said.includes(written), said);
  },
);

withServer('a wrong password is a fault that says so and does not show it', async () => {
  const address = (await serve(live, '320x180', h264(15))).replace(written, 'sai-mat-khau');
  const { seen, said } = await watchSecret(camera(rtsp(address)), has('fault'), 15_000);
  const [fault] = all(seen, 'fault');
  assert.is(fault?.code, 'camera-input');
  assert.match(fault?.text ?? '', /401 Unauthorized/);
  assert.not.ok(said.includes('sai-mat-khau'), said);
});

test('an address nobody answers is a fault, tried again with back-off, without its password', async () => {
  const { said, seen } = await watchSecret(
    camera(rtsp(`rtsp://${user}:${written}@127.0.0.1:1/cam`)),
    has('fault'),
    15_000,
  );
  assert.is(all(seen, 'fault')[0]?.code, 'camera-input');
  assert.match(said, /Connection refused/);
  assert.not.ok(said.includes(password) || said.includes(written), said);
});

test('an address that takes the call and says nothing is a fault too', async () => {
  const mute = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const bound = mute.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const { seen } = await watchSecret(camera(rtsp(`rtsp://127.0.0.1:${port}/cam`)), has('fault'), 20_000);
  assert.is(all(seen, 'fault')[0]?.code, 'camera-input');
  mute.close();
});

test('masks and another codec are reasons to encode anew', () => {
  const place = { runDir: ownFolder(), captionPath: '/run/caption.txt', analysis };
  const names = (more: Partial<RtspSettings>, codec: string) => {
    const prepared = rtspRecipes({ ...rtsp('rtsp://x/y'), ...more }, place, {
      codec,
      width: 640,
      height: 480,
      fps: 15,
      durationMs: undefined,
    });
    return prepared.ok ? prepared.recipes.map(({ name }) => name) : [];
  };
  assert.equal(names({}, 'hevc'), ['rtsp → libx264 (the camera sends hevc)']);
  assert.equal(
    names(
      {
        masks: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
          ],
        ],
        caption: true,
      },
      'h264',
    ),
    ['rtsp → libx264 (masks, caption)'],
  );
});

test('no form of a password survives redaction, whatever is around it', () => {
  const secrets = secretsOf('rtsp://user:p%40ss:w0rd@host/x');
  assert.equal(secrets, ['p%40ss:w0rd', 'p@ss:w0rd']);
  const said = "Impossible to open 'rtsp://user:p%40ss:w0rd@host/x', p@ss:w0rd refused";
  assert.is(redact(said, secrets), "Impossible to open 'rtsp://***@host/x', *** refused");
  assert.equal(secretsOf('rtsp://host/x@y:z'), []);
  assert.match(addressScript(rtsp("rtsp://h/it's")), /file 'rtsp:\/\/h\/it'\\''s'/);
});

test.run();
