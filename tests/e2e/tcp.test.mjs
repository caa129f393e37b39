// The packet transport's TCP beside the kernel's, over the user-space router: two connections that fill a link whose queue overflows. The whole
// comparison is tests/fidelity/tcp/compare; this is a few seconds of it, which show what is grossly off.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { bin, root } from './lib.mjs';

const skipped = 77;

for (const control of ['cubic', 'bbr'])
  test(`the kernel and the virtual world take as long over a full link with ${control}`, (t) => {
    const compare = path.join(root, 'tests/fidelity/tcp/compare');
    const words = ['--short', '--traces', 'lte-short', '--phases', '3', '--congestion-control', control, '--build', path.dirname(bin)];
    const run = spawnSync(compare, words, { encoding: 'utf8' });
    t.diagnostic(run.stdout);
    if (run.status === skipped && !process.env.CI) return t.skip(run.stderr);
    assert.equal(run.status, 0, run.stdout + run.stderr);
  });
