// The package comes again in another version, is removed, is purged.
import { allAtHub, isActive, namesOnCard, type Step, until } from './pole-look.ts';

export const packageSteps: readonly Step[] = [
  {
    name: 'upgrade and downgrade of the package with records waiting: none is lost, the recorder runs again',
    run: async (pole) => {
      const guest = pole.guest();
      await guest.must('cp /boot/firmware/matlang/debs/matlang-node_*.deb /root/node.deb');
      await guest.must('tc qdisc add dev eth0 root netem loss 100%');
      const before = await namesOnCard(guest);
      const took: number[] = [];
      for (const file of ['node-next.deb', 'node.deb']) {
        const startMs = performance.now();
        await guest.must(`dpkg -i --force-downgrade /root/${file}`, 600_000);
        await until('the recorder', () => isActive(guest, 'matlang-recorder'), 180);
        took.push(Math.round((performance.now() - startMs) / 1000));
      }
      const after = new Set(await namesOnCard(guest));
      const lost = before.filter((name) => !after.has(name));
      if (lost.length > 0) throw new Error(`${lost.length} of ${before.length} records are gone: ${lost[0]}`);
      await guest.must('tc qdisc del dev eth0 root');
      await allAtHub(pole, before, 240);
      return `${before.length} records before, 0 lost, all at the hub after; ${took.join(' s and ')} s; runs ${(await guest.must('readlink /opt/matlang/current')).trim()}`;
    },
  },
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
          'ls -d /var/lib/matlang* /etc/matlang /opt/matlang /usr/lib/matlang /run/matlang 2>/dev/null; getent passwd matlang; getent group matlang',
        )
      ).out.trim();
      if (left !== '') throw new Error(`left: ${left}`);
      return 'nothing is left, the user neither';
    },
  },
];
