// What a Raspberry Pi's firmware makes of `autoboot.txt`, as its makers describe it (raspberrypi/documentation, config_txt/autoboot.adoc): at most 512 bytes, the filters
// [all], [none] and [tryboot], the last line that counts wins. No firmware was asked.

/** The boot partition that is started; 0 is "the first FAT partition that can be": a card laid out for two systems must never be left to that. */
export function startedPartition(autoboot: string | undefined, isTryboot: boolean): number {
  if (autoboot === undefined || Buffer.byteLength(autoboot) > 512) return 0;
  let [section, partition] = ['all', 0];
  for (const line of autoboot.split('\n').map((each) => each.trim())) {
    const filter = /^\[(.*)\]$/.exec(line)?.[1];
    if (filter !== undefined) section = filter;
    const named = /^boot_partition=(\d+)$/.exec(line)?.[1];
    if (named !== undefined && (section === 'all' || (section === 'tryboot' && isTryboot))) partition = Number(named);
  }
  return partition;
}
