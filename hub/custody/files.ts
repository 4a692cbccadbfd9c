/** What is to be checked: a folder, a ZIP, or bytes in memory. Names are paths with `/` within it. */
export interface EvidenceFiles {
  readonly names: readonly string[];
  /** Rejects where it cannot be read. */
  read(name: string): Promise<Uint8Array>;
}
