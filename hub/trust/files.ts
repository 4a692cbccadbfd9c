// Where the commune's trust lies: one folder beside the hub's configuration.
import { join } from 'node:path';

export const trustPaths = (dir: string) => ({
  dir,
  caKey: join(dir, 'ca.key.pem'),
  caCertificate: join(dir, 'ca.crt.pem'),
  /** The hub as a client of its broker: certificate and key. */
  client: join(dir, 'hub.tls.pem'),
  roll: join(dir, 'roll.sqlite'),
  /** All that the broker's own user may read. */
  broker: join(dir, 'broker'),
  brokerCa: join(dir, 'broker', 'ca.crt.pem'),
  /** Also shown by the enrolment door. */
  serverCertificate: join(dir, 'broker', 'server.crt.pem'),
  serverKey: join(dir, 'broker', 'server.key.pem'),
  crl: join(dir, 'broker', 'revoked.crl.pem'),
  mosquittoConfig: join(dir, 'broker', 'mosquitto.conf'),
  mosquittoAcl: join(dir, 'broker', 'mosquitto.acl'),
  mosquittoLog: join(dir, 'broker', 'mosquitto.log'),
  mosquittoPid: join(dir, 'broker', 'mosquitto.pid'),
});
export type TrustPaths = ReturnType<typeof trustPaths>;
