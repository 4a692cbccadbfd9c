// `matlang hub rollout`: a technician lets a release go to the nodes, sees how far it is, and stops it. Works beside a running hub, which carries it out.
import { type Command, InvalidArgumentError } from 'commander';
import type { HubConfig } from '../../hub/config.ts';
import type { DeskStore } from '../../hub/desk/store.ts';
import { quietHoursMax, quietHoursUsual } from '../../hub/rollout/acts.ts';
import { latestRollout } from '../../hub/rollout/book.ts';
import type { Language } from '../language.ts';
import { change, describe, type StartOptions, start } from './rollout-acts.ts';
import { rolloutWords } from './rollout-words.ts';
import { withDesk } from './with-desk.ts';

/** `config` tells what is wrong with the file itself, and gives undefined. */
export function registerRollout(
  hub: Command,
  language: Language,
  readConfig: () => Promise<HubConfig | undefined>,
): void {
  const say = rolloutWords[language];
  const rollout = hub.command('rollout').description(say.about);
  const isJson = () => hub.opts<{ json?: boolean }>().json === true;
  const withBook = (work: (store: DeskStore, config: HubConfig) => Promise<void> | void) => withDesk(readConfig, work);

  rollout
    .command('start <release>')
    .description(say.start)
    .requiredOption('--by <account>', say.by)
    .option('--bench <node>', say.bench, (node: string, all: readonly string[]) => [...all, node], [])
    .option('--canary <node>', say.canary)
    .option('--quiet <hours>', say.quiet, hoursOf, quietHoursUsual)
    .action((release: string, options: StartOptions) =>
      withBook(async (store, config) => {
        const nodes = await start(store, config, release, options, say);
        tell(isJson() ? JSON.stringify({ release, nodes }) : say.begun(release, nodes));
      }),
    );
  rollout
    .command('status')
    .description(say.status)
    .action(() =>
      withBook((store) => {
        const latest = latestRollout(store);
        if (isJson()) tell(JSON.stringify(latest ?? null));
        else tell(latest === undefined ? say.none : describe(latest, say));
      }),
    );
  rollout
    .command('go-on')
    .description(say.goOn)
    .requiredOption('--by <account>', say.by)
    .requiredOption('--why <text>', say.why)
    .action(({ by, why }: { by: string; why: string }) =>
      withBook(async (store, config) => {
        await change(store, config, { by, why, does: 'go-on' }, say);
        tell(say.wentOn);
      }),
    );
  rollout
    .command('stop')
    .description(say.stop)
    .requiredOption('--by <account>', say.by)
    .requiredOption('--why <text>', say.why)
    .action(({ by, why }: { by: string; why: string }) =>
      withBook(async (store, config) => {
        await change(store, config, { by, why, does: 'stop' }, say);
        tell(say.stopped);
      }),
    );
}

const tell = (text: string): void => void process.stdout.write(`${text}\n`);

function hoursOf(text: string): number {
  const hours = Number(text);
  if (!(text.trim() !== '' && hours >= 0 && hours <= quietHoursMax))
    throw new InvalidArgumentError(`must be 0 to ${quietHoursMax}, not ${text}`);
  return hours;
}
