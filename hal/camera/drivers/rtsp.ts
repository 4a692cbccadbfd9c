// A network camera the commune already has. Its address, which may hold a password, goes to ffprobe and ffmpeg as an ffconcat script on standard input.
import { probeMs } from '../bounds.ts';
import { fitted, type Picture, probe } from '../probe.ts';
import type { Driver, Prepared, Recipe } from '../recipe.ts';
import { secretsOf } from '../redact.ts';
import type { RtspSettings } from '../settings.ts';
import { filmFilters } from './film.ts';
import { maskFile } from './mask-file.ts';
import { allFrom, explainBy, liveCamera, mediaCommand, type Place, planFor } from './place.ts';

/** ffmpeg's own limit on a silent connection, in microseconds; ours on a missing picture is shorter once it runs. */
const socketTimeoutUs = 5_000_000;
export const source = [
  ...['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,rtsp,rtsps,rtp,udp,tcp,tls,crypto'],
  ...['-i', 'pipe:0'],
];
const signs = [
  [
    /40[0-9] |unauthorized|not found|connection refused|timed out|no route|unreachable|name or service/i,
    'camera-input',
  ],
  [/invalid data|impossible to open|could not find codec/i, 'camera-input'],
] as const;

export function rtspDriver(settings: RtspSettings, place: Place): Driver {
  const secrets = secretsOf(settings.url);
  const input = addressScript(settings);
  return {
    ...liveCamera,
    name: 'rtsp',
    secrets,
    prepare: async (signal) => {
      const probed = await probe({ args: source, input }, probeMs.network, secrets, signal);
      if (!probed.ok)
        return { ok: false, code: 'camera-input', text: `the network camera gives no picture: ${probed.why}` };
      return rtspRecipes(settings, place, probed.picture);
    },
    explain: explainBy(signs),
  };
}

/** ffconcat: within quotes only the quote itself is special. */
export const addressScript = ({ url, transport }: Pick<RtspSettings, 'url' | 'transport'>) =>
  [
    'ffconcat version 1.0',
    `file '${url.replaceAll("'", "'\\''")}'`,
    `option rtsp_transport ${transport}`,
    `option timeout ${socketTimeoutUs}`,
    '',
  ].join('\n');

/**
 * The camera's own video is kept where nothing is to be drawn on it; that its key frames come often enough (GOP ≤ 2 s) the self-test sees, and falls to the
 * second recipe where they do not. Where it is encoded anew the name says why.
 */
export function rtspRecipes(settings: RtspSettings, place: Place, picture: Picture): Prepared {
  const size = fitted(picture, settings.width, settings.height);
  const plan = { ...planFor(settings, place), input: source, height: size.height };
  const input = addressScript(settings);
  const recipe = (name: string, media: Parameters<typeof mediaCommand>[0]): Recipe => ({
    name,
    commands: [{ ...mediaCommand(media), input }],
    gives: allFrom(0),
  });
  const anew = (why: string) =>
    recipe(`rtsp → libx264 (${why})`, {
      ...plan,
      before: filmFilters(picture.fps, settings.fps, size),
      mask: maskFile(settings.masks, size, place.runDir),
      encoder: 'libx264',
      gopFrames: Math.ceil(Math.min(settings.fps, picture.fps ?? settings.fps)),
    });
  const reasons = [
    ...(picture.codec === 'h264' ? [] : [`the camera sends ${picture.codec}`]),
    ...(settings.masks.length > 0 ? ['masks'] : []),
    ...(settings.caption ? ['caption'] : []),
  ];
  if (reasons.length > 0) return { ok: true, recipes: [anew(reasons.join(', '))] };
  const copy = recipe('rtsp → copy', { ...plan, before: [], encoder: 'copy' });
  return { ok: true, recipes: [copy, anew('its own video failed the self-test')] };
}
