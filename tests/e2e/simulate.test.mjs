// The virtual world: two simulations with one seed are byte-identical, on any number of threads, another seed differs, both drills happen
// there too.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { readJson, rehearse, root, rows, temporary } from './lib.mjs';

test('simulating first.json twice gives the same summary, byte for byte', async (t) => {
  const base = temporary(t);
  const summary = async (name, ...more) => {
    const { code, output } = await rehearse(['simulate', 'scenarios/first.json', '--out', path.join(base, name), '-q', ...more]);
    assert.equal(code, 0, output);
    return fs.readFileSync(path.join(base, name, 'summary.json'), 'utf8');
  };
  const [one, two, other] = [await summary('one'), await summary('two'), await summary('other', '--seed', '99')];
  assert.equal(one, two);
  assert.notEqual(one, other);
  const said = readJson(path.join(base, 'one', 'summary.json'));
  assert.equal(said.world, 'virtual');
  assert.equal(said.sessions.planned, 200);
  assert.equal(said.sessions.started, 200);
  for (const drill of said.drills) assert.ok(drill.recovered_at > drill.injected_at && drill.sessions_affected > 0, JSON.stringify(drill));
  assert.match(fs.readFileSync(path.join(base, 'one', 'report.html'), 'utf8'), /virtual/i);
});

test('edges that have too little in them are where it breaks, the same every time', async (t) => {
  const base = temporary(t);
  const virtual = {
    model: { schema: 'rehearsal/model/1', think: { segment: { median: '2ms', p99: '9ms' } }, connection: { tls_cpu: '900us' }, capacity: { requests_per_s: 5000 } },
    edges: { eu: { count: 2, egress: '40mbit', stale_while_revalidate: '2s' } }, shield: {}, origin: { egress: '10gbit' },
  };
  const summary = async (name) => {
    const { code, output } = await rehearse(['simulate', 'scenarios/first.json', '--set', `virtual=${JSON.stringify(virtual)}`, '--set', 'gates={}', '--out', path.join(base, name), '-q']);
    assert.equal(code, 0, output);
    return fs.readFileSync(path.join(base, name, 'summary.json'), 'utf8');
  };
  const [one, two] = [await summary('one'), await summary('two')];
  assert.equal(one, two);
  const { breaks, delivery, notes, kpis } = JSON.parse(one);
  assert.deepEqual(delivery.map((server) => server.server), ['eu-1', 'eu-2', 'shield-1', 'origin']);
  for (const edge of delivery.slice(0, 2)) {
    assert.equal(edge.first_limit, 'egress', JSON.stringify(edge));
    assert.ok(edge.egress.peak > edge.egress.limit, JSON.stringify(edge));
  }
  assert.equal(delivery[3].first_limit, undefined);
  assert.deepEqual(breaks.map((each) => [each.group, each.servers, each.met, each.limit, each.capacity]), [['edges of eu', 2, 2, 'egress', 40e6]]);
  assert.ok(breaks[0].viewers > 0 && breaks[0].active >= breaks[0].viewers && breaks[0].peak > breaks[0].capacity, JSON.stringify(breaks));
  assert.ok(notes.some((note) => note.startsWith('Assumed: the origin thinks 2ms') && note.includes('playlist')), notes.join('\n'));
  // The other region goes to the origin and has no trouble.
  const stalled = (region) => kpis.find((kpi) => kpi.metric === 'rebuffer_ratio' && kpi.tags.region === region).value;
  assert.ok(stalled('eu') > 2 * stalled('us'), `${stalled('eu')} ${stalled('us')}`);
});

test('a server that holds playlists is asked for the next one at once by players that know of it', async (t) => {
  const base = temporary(t);
  const playlists = async (name, ...more) => {
    const { code, output } = await rehearse(['simulate', 'scenarios/first.json', '--set', 'gates={}', '--out', path.join(base, name), '-q', ...more]);
    assert.equal(code, 0, output);
    const all = rows(path.join(base, name), "SELECT s.device, avg(r.took) AS took, sum(r.status != 200) AS refused FROM requests r JOIN sessions s ON s.id = r.session WHERE r.kind = 'playlist' GROUP BY s.device");
    return Object.fromEntries(all.map(({ device, ...figures }) => [device, figures]));
  };
  const [plain, held] = [await playlists('plain'), await playlists('held', '--set', 'virtual={"content":{"blocking_reload":true}}')];
  for (const device of ['desktop-hlsjs', 'android']) {
    assert.ok(plain[device].took < 0.5, JSON.stringify(plain));
    assert.ok(held[device].took > 1.4 && held[device].took < 2, `segments of two seconds: ${JSON.stringify(held)}`);
    assert.ok(held[device].refused <= plain[device].refused + 2, JSON.stringify([plain, held]));
  }
  assert.ok(held.ios.took < 0.5, JSON.stringify(held));
});

test('over HTTP/2 viewers start later by TLS, and the report says what is modelled', async (t) => {
  const base = temporary(t);
  const summary = async (http, name = http) => {
    const directory = path.join(base, name);
    const { code, output } = await rehearse(['simulate', 'scenarios/first.json', '--set', `virtual=${JSON.stringify({ http })}`, '--set', 'drills=[]', '--set', 'gates={}', '--out', directory, '-q']);
    assert.equal(code, 0, output);
    return fs.readFileSync(path.join(directory, 'summary.json'), 'utf8');
  };
  const [one, two, again] = [await summary('1.1'), await summary('2'), await summary('2', 'again')];
  assert.equal(two, again);
  const [http1, http2] = [JSON.parse(one), JSON.parse(two)];
  assert.ok(http2.notes.some((note) => note.startsWith('HTTP/2: ')), http2.notes.join('\n'));
  assert.ok(http1.notes.some((note) => note.includes('(HTTP/1.1, ')), http1.notes.join('\n'));
  assert.equal(http2.sessions.failed, 0);
  const startup = (run) => run.kpis.find((kpi) => kpi.metric === 'startup_time' && Object.keys(kpi.tags).length === 0).p50;
  assert.ok(startup(http2) > startup(http1) && startup(http2) < 1.5 * startup(http1), `${startup(http2)} ${startup(http1)}`);
});

test('the reports of cases are made again, side by side too', async (t) => {
  const base = temporary(t);
  const file = path.join(base, 'cases-scenario.json');
  const scenario = fs.readFileSync(path.join(root, 'tests/e2e/short.json'), 'utf8').replace('"seed": 11,', '"seed": 11, "cases": [{ "name": "many", "set": {} }, { "name": "few", "set": { "audience.sessions": 8 } }],');
  fs.writeFileSync(file, scenario);
  const directory = path.join(base, 'run');
  const first = await rehearse(['simulate', file, '--set', 'drills=[]', '--set', 'gates={}', '--out', directory, '-q']);
  assert.equal(first.code, 0, first.output);
  const files = ['cases.html', 'cases.json', 'many/report.html', 'few/summary.json'].map((name) => path.join(directory, name));
  const contents = () => files.map((name) => fs.readFileSync(name, 'utf8'));
  const before = contents();
  for (const name of files) if (!name.endsWith('cases.json')) fs.rmSync(name);
  const again = await rehearse(['report', directory]);
  assert.equal(again.code, 0, again.output);
  assert.deepEqual(contents(), before);
});

test('the number of threads changes nothing but the time it takes', async (t) => {
  const base = temporary(t);
  for (const [name, ...scenario] of [['alone', 'scenarios/first.json', '--set', 'audience.sessions=500'], ['shared', 'scenarios/edges.json', '--set', 'audience.arrivals.over=15s', '--set', 'duration=30s'],
    ['with representatives', 'scenarios/edges.json', '--set', 'audience.arrivals.over=15s', '--set', 'duration=30s', '--set', 'virtual.representatives={"of":4,"after":"5s"}'],
    ['behind a bottleneck', 'scenarios/edges.json', '--set', 'audience.arrivals.over=15s', '--set', 'duration=30s', '--set', 'regions={"eu":{"down":"300mbit","up":"20mbit"}}']]) {
    const summary = async (threads) => {
      const directory = path.join(base, `${name}-${threads}`);
      const { code, output } = await rehearse(['simulate', ...scenario, '--set', 'gates={}', '--threads', threads, '--out', directory, '-q']);
      assert.equal(code, 0, output);
      return fs.readFileSync(path.join(directory, 'summary.json'), 'utf8');
    };
    const [one, four] = [await summary('1'), await summary('4')];
    assert.equal(one, four, name);
  }
});

test('the premiere of a million viewers breaks where its plan is too small, at a five-hundredth of it too', async (t) => {
  const directory = path.join(temporary(t), 'run');
  const { code, output } = await rehearse(['simulate', 'scenarios/premiere-1m.json', '--scale', '0.002', '--set', 'duration=5m1s', '--set', 'gates={}', '--out', directory, '-q']);
  assert.equal(code, 0, output);
  const { sessions, breaks, notes } = readJson(path.join(directory, 'summary.json'));
  assert.equal(sessions.planned, 2000);
  assert.equal(breaks[0].group, 'edges of sa');
  assert.equal(breaks[0].capacity, 600e6);
  assert.ok(breaks[0].needed > breaks[0].capacity && breaks[0].active < 2000, JSON.stringify(breaks[0]));
  for (const other of breaks.slice(1)) assert.ok(other.needed < other.capacity, JSON.stringify(other));
  assert.ok(notes.some((note) => note.startsWith('Scaled by 0.002: 2000 of 1000000 viewers')), notes.join('\n'));
});
