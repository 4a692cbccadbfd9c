// What systemd must know on a commune's machine, beside the units of the package: drop-ins, to be copied below /etc/systemd/system.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { HubConfig } from './config.ts';
import { trustPaths } from './trust/files.ts';
import { wrappedPath } from './unseal-key.ts';

export interface SystemdFile {
  /** Below /etc/systemd/system. */
  readonly path: string;
  readonly text: string;
}

export function systemdFiles(dir: string, config: HubConfig): SystemdFile[] {
  const trust = trustPaths(config.trustDir);
  const configPath = join(dir, 'hub.yaml');
  const hub = {
    path: 'matlang-hub.service.d/commune.conf',
    text: [
      '# Made by `matlang hub init`. The private keys stay root’s; the service gets copies in memory of its own.',
      '[Unit]',
      'ConditionPathExists=',
      `ConditionPathExists=${configPath}`,
      '[Service]',
      'ExecStart=',
      `ExecStart=/usr/lib/matlang-hub/bin/matlang hub --config ${configPath}`,
      existsSync(wrappedPath(config.unsealKey))
        ? `LoadCredentialEncrypted=${basename(config.unsealKey)}:${wrappedPath(config.unsealKey)}`
        : `LoadCredential=${basename(config.unsealKey)}:${config.unsealKey}`,
      `LoadCredential=hub.key.pem:${config.signingKey}`,
      `LoadCredential=ca.key.pem:${trust.caKey}`,
      `ReadWritePaths=${dir}`,
      '',
    ].join('\n'),
  };
  if (config.broker === 'embedded') return [hub];
  return [
    hub,
    {
      path: 'mosquitto.service.d/matlang.conf',
      text: [
        '# Made by `matlang hub init`.',
        '[Service]',
        'ExecStart=',
        `ExecStart=/usr/sbin/mosquitto -c ${trust.mosquittoConfig}`,
        'NoNewPrivileges=yes',
        'ProtectHome=yes',
        'PrivateTmp=yes',
        'PrivateDevices=yes',
        'ProtectKernelTunables=yes',
        'ProtectControlGroups=yes',
        'LimitNOFILE=4096',
        'MemoryMax=256M',
        'Restart=always',
        '',
      ].join('\n'),
    },
    {
      path: 'matlang-broker-reload.path',
      text: [
        '# Made by `matlang hub init`: a changed list of revoked certificates is read by the broker at once.',
        '[Path]',
        `PathChanged=${trust.crl}`,
        `PathChanged=${trust.serverCertificate}`,
        '[Install]',
        'WantedBy=multi-user.target',
        '',
      ].join('\n'),
    },
    {
      path: 'matlang-broker-reload.service',
      text: ['[Service]', 'Type=oneshot', 'ExecStart=/bin/systemctl reload mosquitto.service', ''].join('\n'),
    },
  ];
}
