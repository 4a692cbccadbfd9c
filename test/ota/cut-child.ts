// Applies a release, or boots, and dies by SIGKILL just before durable step number `cutAt` (0: never). Prints how many steps there were.
// Arguments: cutAt, root, and for an apply the folder it comes from.
import { apply } from '../../ota/apply.ts';
import { boot } from '../../ota/launcher.ts';
import { type Shelf, shelf } from '../../ota/shelf.ts';

const [cutAt = '0', root = '', from] = process.argv.slice(2);
const counted = { steps: 0 };
const cutting = new Proxy<Shelf>(shelf, {
  get: (target, name: keyof Shelf) => {
    counted.steps += 1;
    if (counted.steps === Number(cutAt)) process.kill(process.pid, 'SIGKILL');
    return target[name];
  },
});
const rules = { root, selfTestArgs: [], selfTestMsMax: 5000 };
const done = from === undefined ? await boot(cutting, rules) : await apply(cutting, rules, from);
process.stdout.write(JSON.stringify({ steps: counted.steps, done }));
