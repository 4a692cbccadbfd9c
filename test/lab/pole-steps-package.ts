// The package comes again in another version, is removed, is purged.
import { allAtHub, isActive, journal, namesOnCard, pssMb, type Step, until } from './pole-look.ts';

/** As its guide says. */
const hubAt = '/var/lib/matlang-hub';
/** Where the node's own user can read it. */
export const fillSpoolAt = '/usr/local/lib/matlang-lab/fill-spool.mjs';

/** Of all steps: other work goes beside it. */
export const longest: Step = {
  name: 'upgrade and downgrade of the package with a full spool: none is lost, the recorder runs again',
  run: async (pole) => {
    const guest = pole.guest();
    await until('the recorder', () => isActive(guest, 'matlang-recorder'), 180);
    await guest.must('cp /boot/firmware/matlang/debs/matlang-node_*.deb /root/node.deb');
    await guest.must('tc qdisc add dev eth0 root netem loss 100%');
    // What a long outage leaves: nine tenths of what may wait, so that nothing has to go by the rules meanwhile.
    await guest.must('systemctl stop matlang-recorder matlang-uplink');
    const filled = await guest.must(`runuser -u matlang -- /opt/matlang/current/runtime/node ${fillSpoolAt}`, 600_000);
    const [records, mebibytes] = filled.trim().split(' ');
    await guest.must('systemctl start matlang-recorder matlang-uplink', 300_000);
    await until('the recorder', () => isActive(guest, 'matlang-recorder'), 180);
    const [before, waiting] = [await namesOnCard(guest), await namesOnCard(guest, 'spool')];
    const took: number[] = [];
    for (const file of ['node-next.deb', 'node.deb']) {
      const startMs = performance.now();
      await guest.must(`dpkg -i --force-downgrade /root/${file}`, 600_000);
      await until('the recorder', () => isActive(guest, 'matlang-recorder'), 180);
      took.push(Math.round((performance.now() - startMs) / 1000));
    }
    const after = new Set(await namesOnCard(guest));
    // What was delivered may go on a full card; that the hub has it is looked at below.
    const lost = waiting.filter((name) => !after.has(name));
    if (lost.length > 0) throw new Error(`${lost.length} of ${waiting.length} that waited are gone: ${lost[0]}`);
    await guest.must('tc qdisc del dev eth0 root');
    const seconds = await allAtHub(pole, before, 480);
    return `${before.length} files before, ${waiting.length} of them not yet at the hub (${records} laid there to fill its ${mebibytes} MiB); 0 lost, all at the hub ${seconds} s after the link came back; ${took.join(' s and ')} s; runs ${(await guest.must('readlink /opt/matlang/current')).trim()}`;
  },
};

export const packageSteps: readonly Step[] = [
  longest,
  {
    name: 'remove leaves footage, identity and configuration; purge leaves nothing',
    run: async (pole) => {
      const guest = pole.guest();
      await guest.must('dpkg -r matlang-node', 600_000);
      await guest.must(
        'test -d /var/lib/matlang/data/spool && test -e /var/lib/matlang/identity/signing.pem && test -e /etc/matlang/node.yaml && ! test -e /opt/matlang',
      );
      await guest.must('dpkg -P matlang-node', 600_000);
      const left = (
        await guest.run(
          'ls -d /var/lib/matlang* /var/log/matlang* /etc/matlang /etc/systemd/system/*.wants/matlang-* /opt/matlang /usr/lib/matlang /run/matlang /etc/cloud/cloud-init.disabled 2>/dev/null; getent passwd matlang; getent group matlang',
        )
      ).out.trim();
      if (left !== '') throw new Error(`left: ${left}`);
      return 'nothing is left, the user neither';
    },
  },
  {
    name: "the hub's package: set up by one command, it runs under systemd with Debian's mosquitto, its unseal key wrapped by the machine",
    run: async (pole) => {
      const guest = pole.guest();
      await guest.must('dpkg -i /root/hub.deb', 600_000);
      await guest.must(`matlang hub init ${hubAt} --commune xa-lab --address 127.0.0.1`, 300_000);
      // What it says is to be done next.
      await guest.must(`cp -r ${hubAt}/systemd/. /etc/systemd/system/ && systemctl daemon-reload`);
      const startMs = performance.now();
      await guest.must(
        `systemctl enable --now matlang-broker-reload.path; systemctl restart mosquitto matlang-hub || { journalctl -b -o cat -u mosquitto -u matlang-hub | tail -30; exit 1; }`,
        300_000,
      );
      const seconds = Math.round((performance.now() - startMs) / 1000);
      await guest.must(`! test -e ${hubAt}/key.txt && test -e ${hubAt}/key.txt.cred`);
      const words = await journal(guest, 'matlang-hub');
      if (!words.includes('"event":"broker connected"')) throw new Error(`no broker: ${words}`);
      const page = `fetch('https://127.0.0.1:8443/').then((answer) => console.log(answer.status, answer.headers.get('content-type')))`;
      const answer = await guest.must(
        `NODE_EXTRA_CA_CERTS=${hubAt}/trust/ca.crt.pem /usr/lib/matlang-hub/runtime/node -e "${page}"`,
      );
      if (!answer.startsWith('200 text/html')) throw new Error(`the page: ${answer}`);
      const mb = await pssMb(guest, 'matlang-hub');
      await guest.must('systemctl stop matlang-hub && dpkg -r matlang-hub', 600_000);
      await guest.must(`test -e ${hubAt}/key.txt.cred && test -d ${hubAt}/data/archive`);
      await guest.must('dpkg -P matlang-hub', 600_000);
      await guest.must(`! test -e ${hubAt} && ! getent passwd matlang-hub`);
      return `up ${seconds} s after the command; key.txt.cred, no key.txt; broker connected by mutual TLS; page by TLS: ${answer.trim()}; PSS ${mb} MB; remove left archive and keys, purge nothing`;
    },
  },
];
