// What a Raspberry Pi's firmware makes of `autoboot.txt` and `config.txt`, as its makers describe it (raspberrypi/documentation, config_txt/autoboot.adoc, conditional.adoc): at most
// 512 bytes of `autoboot.txt`, filters, the last line that counts wins. No firmware was asked.

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

/** The file with the kernel's words that `config.txt` names where it was read from this partition. */
export function namedCmdline(configTxt: string, partition: number): string {
  let [counts, file] = [true, 'cmdline.txt'];
  for (const line of configTxt.split('\n').map((each) => each.trim())) {
    const filter = /^\[(.*)\]$/.exec(line)?.[1];
    if (filter !== undefined) counts = filter === 'all' || filter === `boot_partition=${partition}`;
    const named = /^cmdline=(\S+)$/.exec(line)?.[1];
    if (counts && named !== undefined) file = named;
  }
  return file;
}
