// MQTT.js by itself, as many a camera uses it: messages are published while the broker is away, and wait in its own queue.
import mqtt from 'mqtt';

const [port, messages] = process.argv.slice(2);
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: 'peer-node', clean: false, reconnectPeriod: 500 });
client.on('error', () => undefined);
for (let n = 0; n < Number(messages); n += 1) client.publish('peer/event', `${n}`.padEnd(1000), { qos: 1 });
process.stdout.write(`taken ${messages}\n`);
