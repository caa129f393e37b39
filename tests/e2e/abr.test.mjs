// rehearse abr as a user runs it: figures as a table and as JSON, an interruption, and input that cannot be used.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { Program, bin, eventually, readJson, root, temporary } from './lib.mjs';

const data = path.join(root, 'tests/data/abr');
const movie = path.join(data, 'movie.json');
const traces = path.join(data, 'traces');

const abr = (...args) => spawnSync(path.join(bin, 'rehearse'), ['abr', ...args], { encoding: 'utf8' });
const write = (directory, name, value) => {
  const file = path.join(directory, name);
  fs.writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
};
const figuresOf = (algorithm, abandonment) => {
  const { columns, rows } = readJson(path.join(data, 'sabre-figures.json'));
  const mine = rows.filter((row) => row[1] === algorithm && row[2] === abandonment);
  return new Map(mine.map((row) => [row[0], Object.fromEntries(columns.map((name, i) => [name, row[i]]))]));
};

for (const abandonment of [false, true]) {
  test(`Sabre's figures by its names${abandonment ? ', with abandonment' : ''}`, () => {
    const run = abr('--movie', movie, '--network', traces, '--rule', 'bolae', '--buffer', '25s', '--json', ...(abandonment ? ['--abandonment'] : []));
    assert.equal(run.status, 0, run.stderr);
    const all = JSON.parse(run.stdout);
    assert.deepEqual(all.map(({ trace }) => trace), fs.readdirSync(traces).sort().map((name) => path.parse(name).name));
    const expected = figuresOf('bolae', abandonment);
    for (const { trace, rule, ...figures } of all) {
      const { algorithm, trace: named, ...wanted } = expected.get(trace);
      assert.equal(rule, algorithm);
      assert.deepEqual(Object.keys(figures), Object.keys(wanted));
      for (const [name, value] of Object.entries(wanted)) assert.ok(Math.abs(figures[name] - value) < 1e-6, `${named}: ${name}`);
    }
  });
}

test('a line for each trace, and their mean', () => {
  const run = abr('--movie', movie, '--network', traces, '--rule', 'dynamic');
  const lines = run.stdout.trimEnd().split('\n');
  assert.equal(lines.length, 1 + 24 + 1);
  assert.match(lines[1], /^3g-bus-0 +\d+\.\d /);
  assert.equal(new Set(lines.map((line) => line.length)).size, 1, run.stdout);
  assert.equal(abr('--movie', movie, '--network', path.join(traces, 'wifi-0.json'), '--rule', 'dynamic').stdout.trimEnd().split('\n').length, 2);
});

// A film of ten times the length under the slowest rule, thousands of times over: longer than anyone waits.
test('an interruption keeps what is finished', async (t) => {
  const directory = temporary(t);
  const { segment_sizes_bits: segments, ...rest } = readJson(movie);
  const long = write(directory, 'long.json', { ...rest, segment_sizes_bits: Array(10).fill(segments).flat() });
  fs.mkdirSync(path.join(directory, 'many'));
  for (let i = 0; i < 5000; ++i) fs.symlinkSync(path.join(traces, 'lte-walk-0.json'), path.join(directory, 'many', `${i}.json`));
  const program = new Program('rehearse', ['abr', '--movie', long, '--network', path.join(directory, 'many'), '--rule', 'robust-mpc', '--json']);
  let figures = '';
  program.child.stdout.on('data', (chunk) => (figures += chunk));
  await eventually('a progress line', () => /[1-9]\d* of 5000 traces/.test(program.output));
  assert.equal(await program.stop('SIGINT'), 105);
  assert.match(program.output, /interrupted: \d+ of 5000 traces are finished/);
  const finished = JSON.parse(figures);
  assert.ok(finished.length > 0 && finished.length < 5000);
});

test('input that cannot be used', (t) => {
  const directory = temporary(t);
  const network = path.join(traces, 'wifi-0.json');
  const ladder = { segment_duration_ms: 3000, bitrates_kbps: [500, 700] };
  const period = { duration_ms: 1000, bandwidth_kbps: 800, latency_ms: 20 };
  const refuses = (args, ...patterns) => {
    const { '--movie': m = movie, '--network': n = network, '--rule': r = 'bolae', '--buffer': b = '25s' } = args;
    const run = abr(`--movie=${m}`, `--network=${n}`, `--rule=${r}`, `--buffer=${b}`);
    assert.equal(run.status, 104, JSON.stringify(args) + run.stderr);
    assert.equal(run.stdout, '');
    for (const pattern of patterns) assert.match(run.stderr, pattern);
  };
  const badMovie = (value, ...patterns) => refuses({ '--movie': write(directory, 'movie.json', value) }, /movie\.json/, ...patterns);
  const badNetwork = (value, ...patterns) => refuses({ '--network': write(directory, 'net.json', value) }, /net\.json/, ...patterns);

  refuses({ '--movie': path.join(directory, 'absent.json') }, /absent\.json: cannot be read/);
  refuses({ '--network': path.join(directory, 'absent.json') }, /absent\.json: cannot be read/);
  badMovie('{"segment_duration_ms": 3000,\n', /line 2/);
  badMovie({ ...ladder, bitrates_kbps: [700, 500], segment_sizes_bits: [[1, 2]] }, /bitrates_kbps\[1\]: .*ascending/);
  badMovie({ ...ladder, segment_sizes_bits: [[1, 2], [3]] }, /segment_sizes_bits\[1\]: has 1 sizes for 2 bitrates/);
  badMovie({ ...ladder, segment_sizes_bits: [[1, 0]] }, /segment_sizes_bits\[0\]\[1\]: is 0; must be above 0/);
  badMovie({ ...ladder, segment_sizes_bits: [] }, /segment_sizes_bits: .*at least one/);
  badMovie({ ...ladder, segment_duration_ms: -1, segment_sizes_bits: [[1, 2]] }, /segment_duration_ms: is -1/);
  badNetwork('[1,', /line/);
  badNetwork([], /at least one/);
  badNetwork([period, { ...period, duration_ms: 0 }], /\[1\]\.duration_ms: is 0; must be above 0/);
  badNetwork([{ ...period, bandwidth_kbps: -3 }], /\[0\]\.bandwidth_kbps: is -3/);
  badNetwork([{ ...period, bandwidth_kbps: 0 }], /bandwidth_kbps is 0 throughout/);
  badNetwork([{ ...period, duration_ms: 1e-9 }], /periods/);
  badNetwork([{ duration_ms: 1000, bandwidth_kbps: 800 }], /\[0\]\.latency_ms: is required/);
  fs.mkdirSync(path.join(directory, 'empty'));
  refuses({ '--network': path.join(directory, 'empty') }, /empty: holds no trace/);
  refuses({ '--rule': 'bola9' }, /--rule: "bola9".*known: throughput, bola, bola-basic, bola-o, bolae, bolae-o, dynamic, dynamicdash/);
  for (const buffer of ['0s', '-5s', 'long', '25']) refuses({ '--buffer': buffer }, /--buffer: /);
  refuses({ '--buffer': '2s' }, /--buffer: 2s holds no segment/);
  assert.equal(abr('--movie', movie).status, 104);
});
