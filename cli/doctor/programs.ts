// The runtime and the programs a node leans on.
import { runShort } from '../../hal/short-child.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** For a program that only says something. */
export const timeoutMs = 10_000;
/** First Node release line with everything we use; the locked one is 24. */
const nodeMajor = 24;

export const programChecks: readonly Check[] = [
  {
    id: 'runtime',
    vi: 'Node.js',
    en: 'Node.js',
    look: async ({ language }) => {
      const version = `${process.version} ${process.arch}`;
      const major = Number(process.versions.node.split('.')[0]);
      if (major >= nodeMajor) return ok(version);
      return fail(version, language === 'vi' ? 'Chạy npm ci để có Node 24' : 'Run npm ci to get Node 24');
    },
  },
  {
    id: 'ffmpeg',
    vi: 'ffmpeg',
    en: 'ffmpeg',
    look: async ({ language, env }) => {
      const found = await firstLine('ffmpeg', ['-hide_banner', '-version'], env);
      if (found === undefined) {
        const absent = language === 'vi' ? 'không có' : 'absent';
        return fail(
          absent,
          language === 'vi' ? 'Cài đặt: sudo apt install ffmpeg' : 'Install it: sudo apt install ffmpeg',
        );
      }
      const version = /version (\S+)/.exec(found)?.[1] ?? found;
      const encoders = await runShort('ffmpeg', ['-hide_banner', '-v', 'error', '-encoders'], { timeoutMs, env });
      const list = encoders.ok ? Buffer.from(encoders.out).toString('utf8') : '';
      const h264 = ['h264_v4l2m2m', 'libx264'].filter((name) => list.includes(name));
      if (h264.length > 0) return ok(`${version}; ${h264.join(', ')}`);
      const next =
        language === 'vi' ? 'Cài bản ffmpeg của Debian (có libx264)' : "Install Debian's ffmpeg (it has libx264)";
      return warn(`${version}; H.264: 0`, next);
    },
  },
  {
    id: 'setpriv',
    vi: 'setpriv (dừng tiến trình con)',
    en: 'setpriv (ends children)',
    look: async ({ language, env }) => {
      const found = await runShort('true', [], { timeoutMs, env });
      if (found.ok) return ok(language === 'vi' ? 'chạy được' : 'works');
      return fail(
        found.text || found.why,
        language === 'vi' ? 'Cài đặt: sudo apt install util-linux' : 'Install it: sudo apt install util-linux',
      );
    },
  },
];

/** Undefined when the program cannot be run. */
export async function firstLine(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const run = await runShort(command, args, { timeoutMs, env });
  return run.ok ? (Buffer.from(run.out).toString('utf8').trim().split('\n')[0] ?? '') : undefined;
}
