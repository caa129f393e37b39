// Links: what was configured is what the report measures, as root and as an ordinary user; a killed harness leaves nothing behind; and
// `rehearse doctor` tells the truth.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Program, assertPassed, bin, eventually, processesWith, readJson, rehearse, root, summaryOf, temporary, testVideo } from './lib.mjs';

const trace = [[3, 1500], [3, 1000], [2, 2500]]; // seconds, kbit/s
// A queue that holds what TCP has under way where the trace falls (the smallest default, 45 kB, loses the tails of answers then, and the link
// idles until they are sent again: 2 to 4 % of the goodput, from run to run another share).
const queue = '70kB';
// Loads without a pause and wants more than the link carries, so that what arrives is the link's doing and not the player's.
const loader = {
  engine: 'custom', protocol: 'hls', abr: 'throughput', safety_factor: 1, initial_estimate: '1mbit', max_height: 0, buffer_target: '2m',
  start_buffer: '1s', resume_buffer: '1s', append_delay: '0s', live_delay: '0s',
};
const scenario = {
  name: 'one-trace', seed: 3, devices: { loader },
  target: { reference: {} },
  content: { kind: 'vod', video: testVideo('sports', '1280x720', '30s') },
  duration: '24s',
  audience: {
    sessions: 6, arrivals: { shape: 'steady', over: '2s' },
    cohorts: [{ share: 1, device: 'loader', network: 'mine', region: 'eu', path: 'direct' }],
  },
  networks: {
    mine: { rtt: '40ms', up: '5mbit', down: { loss: 0.002, queue, trace: { steps: trace.map(([s, kbit]) => ({ duration: `${s}s`, rate: `${kbit}kbit` })) } } },
  },
  gates: { startup_success: 'rate>=0.99' },
};

// Sooner over, with a smaller title.
const brief = () => ({ ...scenario, content: { kind: 'vod', video: testVideo() }, duration: '10s' });

const save = (directory, name, value) => {
  const file = path.join(directory, name);
  fs.writeFileSync(file, JSON.stringify(value));
  return file;
};

// Tolerances: round trip 0.5 ms beyond the delays, the 60 bytes of a handshake's packets at either rate, and how late the harness says that
// its links were, each way; TCP goodput within 3 % of what 1,448 of 1,500 bytes can carry; loss within three standard deviations.
const handshake = 40 + (60 * 8) / 5000 + (60 * 8) / trace[0][1];
const mayBeLate = ({ harness }) => 0.5 + 2 * harness.link_lateness_p99_ms;
function assertMeasured(summary, output) {
  assert.equal(summary.harness.network_backend, 'tun', output);
  const [{ sessions, measured: link }] = summary.links;
  assert.equal(sessions, 6);
  assert.ok(link.rtt_handshake_ms >= 40 && link.rtt_handshake_ms < handshake + mayBeLate(summary), JSON.stringify(link));
  const ideal = (link.capacity * 1448) / 1500;
  assert.ok(Math.abs(link.goodput / ideal - 1) < 0.03, `goodput ${link.goodput} of ${ideal}`);
  const spread = 3 * Math.sqrt(link.packets_down * 0.002 * 0.998);
  assert.ok(Math.abs(link.lost_down - link.packets_down * 0.002) < spread, JSON.stringify(link));
  assert.equal(link.lost_up, 0);
}

test('a run on a trace measures the trace', async (t) => {
  const directory = temporary(t);
  const file = save(directory, 'trace.json', scenario);
  const { code, output } = await rehearse(['run', file, '--out', path.join(directory, 'run')]);
  const summary = summaryOf(path.join(directory, 'run'), output);
  assertMeasured(summary, output);
  assertPassed(code, summary, output);
  assert.match(output, /mine/);
});

// A mount namespace of its own with an empty /dev/net; nothing of it is seen outside.
const ownMounts = ['-m', '--propagation', 'unchanged'];
const withoutTun = 'mount --make-rprivate /dev && mount -t tmpfs none /dev/net';

test('an ordinary user gets the same in a user namespace', async (t) => {
  if (process.getuid() !== 0) return t.skip('this test starts as root, to become somebody else');
  const directory = temporary(t);
  fs.chmodSync(directory, 0o777);
  const video = path.join(directory, 'video.mp4');
  fs.copyFileSync(scenario.content.video, video);
  const file = save(directory, 'trace.json', { ...scenario, content: { kind: 'vod', video } });
  const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const allowed = spawnSync('setpriv', [...nobody, 'unshare', '-Un', 'true'], { encoding: 'utf8' });
  if (allowed.status !== 0) return t.skip(`ordinary users may not make user namespaces here (nobody may below a changed root): ${allowed.stderr.trim()}`);
  // Everybody may open /dev/net/tun, as most distributions allow.
  const script = `${withoutTun} && mknod -m 0666 /dev/net/tun c 10 200 &&
    exec setpriv ${nobody.join(' ')} env HOME="$1" XDG_CACHE_HOME="$1" "$2" run "$3" --out "$1/run"`;
  const program = path.join(directory, 'rehearse');
  for (const name of ['rehearse', 'rehearse-server']) fs.copyFileSync(path.join(bin, name), path.join(directory, name));
  const child = spawn('unshare', [...ownMounts, 'sh', '-c', script, 'sh', directory, program, file], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const summary = summaryOf(path.join(directory, 'run'), output);
  assertMeasured(summary, output);
  assertPassed(code, summary, output);
});

const namespaces = () => {
  const found = new Set();
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      for (const thread of fs.readdirSync(`/proc/${pid}/task`)) found.add(fs.readlinkSync(`/proc/${pid}/task/${thread}/ns/net`));
    } catch {
      // it has just ended
    }
  return found;
};
const devices = () => fs.readdirSync('/sys/class/net').sort();

test('a killed harness leaves no process, namespace or device', async (t) => {
  const directory = temporary(t);
  const [before, devicesBefore] = [namespaces(), devices()];
  const program = new Program('rehearse', ['run', save(directory, 'trace.json', brief()), '--out', path.join(directory, 'run')]);
  t.after(() => program.stop('SIGKILL'));
  await eventually('the audience arrives', () => /live +\d+ active/.test(program.output), 90);
  const during = [...namespaces()].filter((one) => !before.has(one));
  assert.ok(during.length >= 2, 'players and servers have namespaces of their own');
  assert.equal(await program.stop('SIGKILL'), 'signal SIGKILL');
  await eventually('nothing is left', () => processesWith(directory).length === 0 && !during.some((one) => namespaces().has(one)), 10);
  assert.deepEqual(devices(), devicesBefore);
});

test('an external target is reached through the links', async (t) => {
  const directory = temporary(t);
  const config = {
    media: { listen: '127.0.0.1:0' }, control: { listen: '127.0.0.1:0' }, metrics: { listen: '127.0.0.1:0' }, srt: { listen: '127.0.0.1:0' },
    streams: [{ name: 'main', kind: 'vod', source: { file: testVideo() }, access: 'open', ladder: [{ height: 240, bitrate: '300kbit' }] }],
  };
  const ready = path.join(directory, 'ready.json');
  const server = new Program('rehearse-server', ['--config', save(directory, 'server.json', config), '--ready-file', ready]);
  t.after(() => server.stop());
  await eventually('the server is ready', () => fs.existsSync(ready));
  const { media } = readJson(ready);
  await eventually('the title plays', async () => (await fetch(`${media}/vod/main/master.m3u8`)).status === 200, 60);
  const external = { ...scenario, target: { url: `${media}/vod/main/master.m3u8` }, content: { kind: 'vod' }, duration: '8s' };
  const { code, output } = await rehearse(['run', save(directory, 'external.json', external), '--out', path.join(directory, 'run')]);
  const summary = summaryOf(path.join(directory, 'run'), output);
  assertPassed(code, summary, output);
  assert.equal(summary.sessions.started, 6);
  const link = summary.links[0].measured;
  assert.ok(link.rtt_handshake_ms >= 40 && link.rtt_handshake_ms < handshake + mayBeLate(summary), JSON.stringify(link));
  const startup = summary.kpis.find((k) => k.metric === 'startup_time' && Object.keys(k.tags).length === 0);
  assert.ok(startup.p50 > 0.24, 'master, playlist, init and segment take a round trip each, and so do the connections');
  assert.match(output, /relay/);
});

test('links that cannot be made are refused, each with its path', async (t) => {
  const directory = temporary(t);
  const refuses = async (changes, code, ...patterns) => {
    const file = save(directory, 'bad.json', { ...scenario, ...changes });
    const run = await rehearse(['run', file, '--out', path.join(directory, 'never')]);
    assert.equal(run.code, code, run.output);
    for (const pattern of patterns) assert.match(run.output, pattern);
    assert.ok(!fs.existsSync(path.join(directory, 'never')), 'something was left behind');
  };
  const network = (mine) => ({ networks: { mine: { rtt: '40ms', up: '5mbit', down: '5mbit', ...mine } } });
  fs.writeFileSync(path.join(directory, 'descending.trace'), '5\n4\n');
  await t.test('a loss above 1', () => refuses(network({ down: { rate: '5mbit', loss: 1.5 } }), 104, /networks\.mine\.down\.loss: .*1\.5/));
  await t.test('a negative delay', () => refuses(network({ down: { rate: '5mbit', delay: '-3ms' } }), 104, /networks\.mine\.down\.delay: /));
  await t.test('a rate of 0', () => refuses(network({ down: '0mbit' }), 104, /networks\.mine\.down: /));
  await t.test('an empty trace', () => refuses(network({ down: { trace: { steps: [] } } }), 104, /networks\.mine\.down\.trace/));
  await t.test('a descending trace', () => refuses(network({ down: { trace: 'descending.trace' } }), 104, /networks\.mine\.down\.trace.*descending\.trace/));
  await t.test('addresses of the lab itself', () => refuses({ links: { addresses: '198.18.0.0/15' } }, 104, /links\.addresses: .*in use/));
  await t.test('an unknown network', () => {
    const cohorts = [{ ...scenario.audience.cohorts[0], network: 'wifo' }];
    return refuses({ audience: { ...scenario.audience, cohorts } }, 104, /audience\.cohorts\[0\]\.network: "wifo".*wifi/);
  });
  await t.test('a backend that is not here', async (t2) => {
    const doctor = JSON.parse((await rehearse(['doctor', '--json'])).output);
    if (doctor.findings.find((finding) => finding.name === 'links by kernel netem').good) return t2.skip('this kernel has netem');
    await refuses({ links: { backend: 'kernel' } }, 107, /links\.backend: the kernel's netem was asked for/, /kernel: .+modprobe/s, /links\.backend=none/);
  });
});

test('a machine without the means says which and why', async (t) => {
  if (process.getuid() !== 0) return t.skip('this test starts as root, to take things away');
  const directory = temporary(t);
  const file = save(directory, 'trace.json', scenario);
  const refused = (...command) => {
    const run = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
    assert.equal(run.status, 107, run.stderr);
    assert.ok(!fs.existsSync(path.join(directory, 'never')), 'something was left behind');
    return run.stderr;
  };
  const run = `"${path.join(bin, 'rehearse')}" run "${file}" --out "${path.join(directory, 'never')}"`;
  await t.test('no /dev/net/tun', () =>
    assert.match(refused('unshare', ...ownMounts, 'sh', '-c', `${withoutTun} && ${run} --set links.backend=tun`), /links\.backend: .*open \/dev\/net\/tun: No such file or directory; .*links\.backend=none/s));
  await t.test('no privileges', () => {
    // In a user namespace that may have no further ones; below a changed root there are none anyway.
    const without = `exec setpriv --bounding-set=-all --inh-caps=-all ${run}`;
    const command = spawnSync('unshare', ['-Ur', 'true']).status === 0 ? ['unshare', '-Ur', 'sh', '-c', `echo 0 > /proc/sys/user/max_user_namespaces && ${without}`] : ['sh', '-c', without];
    assert.match(refused(...command), /namespaces: make a user namespace .*run as root/s);
  });
});

test('viewers of a region share its bottleneck', async (t) => {
  const directory = temporary(t);
  const shared = { ...scenario, duration: '15s', gates: { playback_failures: 'rate==0' }, regions: { eu: { down: '6mbit', up: '6mbit' } }, networks: { mine: { rtt: '20ms', up: '5mbit', down: '5mbit' } } };
  const { code, output } = await rehearse(['run', save(directory, 'shared.json', shared), '--out', path.join(directory, 'run')]);
  const summary = summaryOf(path.join(directory, 'run'), output);
  assertPassed(code, summary, output);
  const { goodput } = summary.links[0].measured;
  assert.ok(goodput > 0.5e6 && goodput < 2e6, `${goodput} bit/s each: six viewers share 6 Mbit/s; alone each would have nearly 5`);
});

test('the same by the kernel\'s netem, on a kernel that has it', async (t) => {
  const directory = temporary(t);
  const file = save(directory, 'trace.json', { ...brief(), links: { backend: 'kernel' } });
  const summaryFile = path.join(directory, 'summary.json');
  const script = `"${path.join(bin, 'rehearse')}" run "${file}" --out /run/run; code=$?; cp /run/run/summary.json /run/out; exit $code`;
  const guest = spawn(path.join(root, 'ci/in-uml'), ['--memory', '1500M', '--timeout', '180', '--out', summaryFile, '--', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [guest.stdout, guest.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => guest.on('close', resolve));
  if (code === 77) return t.skip(output);
  assert.ok(fs.existsSync(summaryFile), output);
  const summary = readJson(summaryFile);
  assertPassed(code, summary, output);
  assert.equal(summary.harness.network_backend, 'kernel');
  const link = summary.links[0].measured;
  // User-mode-linux has one processor and a clock of 10 ms, so its round trip is held to 3 ms, and goodput as everywhere to 3 %.
  assert.ok(link.rtt_handshake_ms >= 40 && link.rtt_handshake_ms < handshake + 3, JSON.stringify(link));
  const ideal = (link.capacity * 1448) / 1500;
  assert.ok(Math.abs(link.goodput / ideal - 1) < 0.03 || summary.harness.saturated, `goodput ${link.goodput} of ${ideal}`);
});

test('traces are made, converted and used', async (t) => {
  const directory = temporary(t);
  const at = (name) => path.join(directory, name);
  const made = await rehearse(['generate', 'trace', '--model', 'outage', '--mean', '4mbit', '--duration', '2m', '--outage', '5s', '--between', '15s', '--seed', '4', '--out', at('tunnel.json')]);
  assert.equal(made.code, 0, made.output);
  assert.match(made.output, /outage \d+\.\d %/);
  for (const format of ['sabre', 'pensieve', 'mahimahi']) {
    const converted = await rehearse(['generate', 'trace', '--from', at('tunnel.json'), '--format', format, '--out', at(format)]);
    assert.equal(converted.code, 0, converted.output);
    const file = save(directory, 'uses.json', { ...scenario, networks: { mine: { rtt: '40ms', up: '5mbit', down: { trace: format } } } });
    const valid = await rehearse(['validate', file]);
    assert.equal(valid.code, 0, valid.output);
  }
  const neither = await rehearse(['generate', 'trace', '--out', at('none.json')]);
  assert.equal(neither.code, 104);
  assert.match(neither.output, /--mean: is required.*--from/);
});

test('doctor tells the truth about this machine', async () => {
  const { code, output } = await rehearse(['doctor', '--json']);
  const diagnosis = JSON.parse(output);
  assert.equal(diagnosis.schema, 'rehearsal/doctor/1');
  const found = Object.fromEntries(diagnosis.findings.map((finding) => [finding.name, finding.good]));
  const works = (...command) => spawnSync(command[0], command.slice(1)).status === 0;
  assert.equal(found.namespaces, works('unshare', '-n', 'true') || works('unshare', '-Urn', 'true'));
  assert.equal(found['links by kernel netem'], works('unshare', process.getuid() === 0 ? '-n' : '-Urn', 'sh', '-c', 'ip link add a type veth peer b && tc qdisc add dev a root netem delay 1ms'));
  let tun = true;
  try {
    fs.accessSync('/dev/net/tun', fs.constants.R_OK | fs.constants.W_OK);
  } catch {
    tun = false;
  }
  assert.equal(found['links by user-space router'], tun);
  assert.equal(diagnosis.backend, found['links by kernel netem'] ? 'kernel' : tun ? 'tun' : '');
  assert.equal(code, diagnosis.able ? 0 : 107);
});
