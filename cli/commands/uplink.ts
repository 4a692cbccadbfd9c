// `matlang uplink`: process 2 of a node alone, as the service manager starts it.
import type { Command } from 'commander';
import { languageOf } from '../language.ts';

export function register(program: Command): void {
  const vi = languageOf(program) === 'vi';
  program
    .command('uplink')
    .description(
      vi
        ? 'chạy tiến trình gửi về máy chủ xã (không camera, không khóa ký)'
        : 'run the uplink (no camera, no signing key)',
    )
    .requiredOption('--config <file>', vi ? 'tệp cấu hình của mắt camera' : "the node's configuration")
    .action(async ({ config }: { config: string }) => {
      const { main } = await import('../../agent/uplink/main.ts');
      await main(['--config', config]);
    });
}
