// `matlang recorder`: process 1 of a node alone, as the service manager starts it.
import type { Command } from 'commander';
import { languageOf } from '../language.ts';

export function register(program: Command): void {
  const vi = languageOf(program) === 'vi';
  program
    .command('recorder')
    .description(vi ? 'chạy tiến trình ghi hình (không dùng mạng)' : 'run the recorder (no network)')
    .requiredOption('--config <file>', vi ? 'tệp cấu hình của mắt camera' : "the node's configuration")
    .action(async ({ config }: { config: string }) => {
      const { main } = await import('../../agent/recorder/main.ts');
      await main(['--config', config]);
    });
}
