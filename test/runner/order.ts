// Which test files go first. A long file that begins last keeps one worker busy while the others have nothing left to do.

/** Half a minute and more each when all rooms are run (`node test/run.ts` prints what every file took), the longest first; paths below `test/`. */
export const longFiles = [
  'hub/sizes.test.ts',
  'cli/doctor.test.ts',
  'ota/cut-table.test.ts',
  'system/kill-servers.test.ts',
  'hub/axe.test.ts',
  'cli/door.test.ts',
  'hub/page.test.ts',
  'cli/replay.test.ts',
  'system/desk-tour.test.ts',
  'system/stick.test.ts',
  'system/evidence.test.ts',
  'cli/replay-config.test.ts',
  'house/runner.test.ts',
  'uplink/crash.test.ts',
  'hub/people-page.test.ts',
  'cli/deb.test.ts',
  'hub/crash.test.ts',
  'hub/tv.test.ts',
  'hub/export.test.ts',
  'hub/alarms.test.ts',
  'uplink/delivery.test.ts',
  'ota/cut.test.ts',
  'hal/camera-film.test.ts',
  'house/static.test.ts',
  'hal/camera-rtsp.test.ts',
  'uplink/dead-link.test.ts',
  'system/storm.alone.test.ts',
  'system/kill-steps.alone.test.ts',
] as const;

/** The long ones first, the rest by name; `names` are paths below `test/`. */
export function longestFirst(names: readonly string[]): string[] {
  const rank = (name: string): number => {
    const place = (longFiles as readonly string[]).indexOf(name);
    return place === -1 ? longFiles.length : place;
  };
  return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
