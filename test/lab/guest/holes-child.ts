// Holes in the film of this machine's node, one JSON array.
import { holesIn } from '../../system/holes.ts';

console.log(JSON.stringify(holesIn('/var/lib/matlang/data/ring')));
