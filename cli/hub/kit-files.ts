// What makes a card with stock Raspberry Pi OS a node at its first start: files for its boot partition, as texts. Trixie reads cloud-init's user-data there,
// bookworm runs a script that the kernel's command line names.

export interface KitPlan {
  readonly node: string;
  /** `/boot/firmware` on both. */
  readonly bootDir: string;
  /** A line of OpenSSH's public keys: who holds the other half may log in as `technician`. Undefined: nobody may. */
  readonly sshKey: string | undefined;
}

/** Below the boot partition. */
export const kitDir = 'matlang';

/** The only account of a node, without a password. */
export const technician = 'kythuat';

const usersOf = (sshKey: string | undefined): string =>
  sshKey === undefined
    ? 'users: []\n'
    : `users:
  - name: ${technician}
    shell: /bin/bash
    lock_passwd: true
    sudo: 'ALL=(ALL) NOPASSWD:ALL'
    ssh_authorized_keys: [${JSON.stringify(sshKey)}]
`;

export const userData = ({ node, bootDir, sshKey }: KitPlan): string => `#cloud-config
# Mat Lang: ${node}
hostname: ${node}
timezone: Asia/Ho_Chi_Minh
ssh_pwauth: false
package_update: false
package_upgrade: false
${usersOf(sshKey)}runcmd:
  - [sh, ${bootDir}/${kitDir}/install.sh]
${sshKey === undefined ? '' : '  - [systemctl, enable, --now, ssh.service]\n'}`;

/** Another card is another instance; the same card is not installed twice. `local`: a pole without a network yet is installed all the same. */
export const metaData = (node: string, stamp: string): string =>
  `dsmode: local\ninstance-id: matlang-${node}-${stamp}\nlocal-hostname: ${node}\n`;

const account = (sshKey: string): string => `useradd --create-home --shell /bin/bash ${technician} 2>/dev/null
install -d -m 700 -o ${technician} -g ${technician} /home/${technician}/.ssh
echo '${sshKey}' > /home/${technician}/.ssh/authorized_keys
echo '${technician} ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/60-${technician}
echo 'PasswordAuthentication no' > /etc/ssh/sshd_config.d/60-matlang.conf
systemctl enable ssh.service
`;

/** The name of an image's own first-run script; it takes itself off the command line. */
export const firstRun = ({ node, bootDir, sshKey }: KitPlan): string => `#!/bin/sh
# Mat Lang: ${node}. Named on the kernel's command line, once.
set +e
hostnamectl hostname ${node} 2>/dev/null || echo ${node} > /etc/hostname
timedatectl set-timezone Asia/Ho_Chi_Minh 2>/dev/null || ln -sf /usr/share/zoneinfo/Asia/Ho_Chi_Minh /etc/localtime
sh ${bootDir}/${kitDir}/install.sh
${sshKey === undefined ? '' : account(sshKey)}sed -i 's| systemd\\.run[^ ]*||g; s| systemd\\.unit=kernel-command-line\\.target||g' ${bootDir}/cmdline.txt
rm -f ${bootDir}/firstrun.sh
exit 0
`;

const firstRunWords = (bootDir: string): string =>
  `systemd.run=${bootDir}/firstrun.sh systemd.run_success_action=reboot systemd.unit=kernel-command-line.target`;

/** The command line with the first run named on it, once. */
export function withFirstRun(cmdline: string, bootDir: string): string {
  const line = cmdline.trim();
  return line.includes('systemd.run=') ? `${line}\n` : `${line} ${firstRunWords(bootDir)}\n`;
}

const mark = '# matlang: pull-ups of buttons and contacts';

/** config.txt with the inputs' own resistors on; said again, it replaces what was said before. */
export function withPullUps(configTxt: string, pins: readonly number[]): string {
  const before = configTxt.replace(new RegExp(`${mark}\\n[^\\n]*\\n`, 'g'), '');
  if (pins.length === 0) return before;
  return `${before.replace(/\n*$/, '\n')}${mark}\ngpio=${pins.join(',')}=ip,pu\n`;
}

export const readMe = (node: string): string => `Thẻ cho ${node} / Card for ${node}

VI: Chép mọi thứ trong thư mục này vào phân vùng khởi động (bootfs) của thẻ đã ghi Raspberry Pi OS Lite 64-bit, cắm thẻ, bật nguồn.
Nếu bootfs có tệp cmdline.txt mà không có user-data (bản bookworm): chạy lại matlang hub kit với --out là chính bootfs đó, để nó sửa cmdline.txt.
Xong khi đèn nháy một cái mỗi 3 giây và màn hình trực ban hiện mắt này màu xanh. Nhật ký: /var/log/matlang-install.log.

EN: Copy all of this to the boot partition (bootfs) of a card with 64-bit Raspberry Pi OS Lite, insert it, switch on. Where bootfs has a cmdline.txt and
no user-data (bookworm), run matlang hub kit again with --out naming that bootfs, so that it can edit cmdline.txt.
`;
