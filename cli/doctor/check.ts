// What every check of the doctor takes and gives.
import type { NodeConfig } from '../../agent/core/config/schema.ts';
import type { Language } from '../language.ts';

export interface Patient {
  readonly language: Language;
  /** Undefined without `--config`, or where it is faulty (the check `config` says so). */
  readonly config: NodeConfig | undefined;
  /** Folder that relative paths of the configuration start from. */
  readonly home: string;
  readonly configFile: string | undefined;
  readonly configFaults: readonly string[];
  /** Where releases lie, by default /opt/matlang. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Found {
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was measured, in the patient's language where it is words. */
  readonly measured: string;
  /** The one next step; empty when all is well. */
  readonly next: string;
}

export interface Check {
  readonly id: string;
  readonly vi: string;
  readonly en: string;
  readonly look: (patient: Patient) => Promise<Found>;
}

export const ok = (measured: string): Found => ({ status: 'ok', measured, next: '' });
export const warn = (measured: string, next: string): Found => ({ status: 'warn', measured, next });
export const fail = (measured: string, next: string): Found => ({ status: 'fail', measured, next });
export const mib = (bytes: number): number => Math.round(bytes / 1048576);
