// Publishers by other people's programs: what is sent well plays, and what is not is told to the publisher and shown, and troubles no other.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import test from 'node:test';
import { Publisher, Transmitter, Uploader, srtUrl, startContributionServer } from './contribution.mjs';
import { eventually } from './lib.mjs';

const ladder = [{ height: 240, bitrate: '300kbit' }];
const pattern = (options) => ['-hide_banner', '-loglevel', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', `testsrc2=${options}`];
const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30', '-pix_fmt', 'yuv420p'];

test('publishers over SRT, RTMP and HTTP', async (t) => {
  const names = ['ffmpeg', 'transmit', 'mute', 'radio', 'surround', 'changing', 'keyed'];
  const streams = names.map((name) => ({ name, source: { srt: name === 'ffmpeg' ? {} : { publish_key: `key-${name}` } }, ladder }));
  streams.push({ name: 'rtmp', source: { rtmp: { publish_key: 'key-rtmp' } }, ladder });
  for (const name of ['http-ts', 'http-flv', 'http-curl']) streams.push({ name, source: { http: { publish_key: `key-${name}` } }, ladder });
  const listen = '127.0.0.1:0';
  const server = await startContributionServer(t, streams, { rtmp: { listen }, http: { listen } });
  const upload = (name, key = `key-${name}`) => `http://127.0.0.1:${server.http_port}/live/${name}?key=${key}`;
  const url = (name, key = `key-${name}`) => srtUrl(server.srt_port, `#!::r=${name},m=publish,u=${key}`);
  // The texts of a source's events of one kind.
  const told = async (name, kind) => (await server.status(name)).events.filter((one) => one.event === kind).map((one) => one.text);
  const first = new Publisher(t, url('ffmpeg'));
  first.start();

  await t.test('ffmpeg', () => server.plays('ffmpeg'));

  await t.test('srt-live-transmit', async () => {
    const transmitter = new Transmitter(t, url('transmit'));
    transmitter.start();
    await server.plays('transmit');
    transmitter.kill();
  });

  await t.test('pictures alone play, with silence', async () => {
    const publisher = new Publisher(t, url('mute'), { input: pattern('size=320x180:rate=30'), encode });
    publisher.start();
    await server.plays('mute');
    publisher.kill();
  });

  await t.test('sound alone is shown as such', async () => {
    const publisher = new Publisher(t, url('radio'), { encode: ['-vn', '-c:a', 'copy'] });
    publisher.start();
    await eventually('the source says what is wrong', async () => /sound comes, but no picture/.test((await server.status('radio')).sources[0].reason));
    const status = await server.status('radio');
    assert.equal(status.state, 'starting');
    assert.equal((await fetch(`${server.media}/live/radio/master.m3u8`)).status, 503);
    assert.deepEqual(await told('radio', 'format'), ['2 channels at 48000 Hz']);
    publisher.kill();
    await eventually('it is told that the publisher has left', async () => (await told('radio', 'disconnected')).length === 1);
  });

  await t.test('sound of another number of channels in mid-stream goes on', async () => {
    for (const channels of [2, 1, 6]) {
      const publisher = new Publisher(t, url('surround'), { encode: ['-c:v', 'copy', '-c:a', 'aac', '-ac', `${channels}`] });
      publisher.start();
      await eventually('it is told', async () => (await told('surround', 'format')).some((text) => text.startsWith(`${channels} channel`)));
      const segments = (await server.status('surround')).segments;
      await eventually('it goes on', async () => (await server.status('surround')).segments >= segments + 2);
      publisher.kill();
    }
  });

  await t.test('another size and frame rate in mid-stream goes on without a gap', async () => {
    const before = new Publisher(t, url('changing'), { input: pattern('size=320x180:rate=30'), encode });
    before.start();
    await server.plays('changing');
    before.kill();
    const after = new Publisher(t, url('changing'), { input: pattern('size=480x480:rate=25'), encode });
    after.start();
    const segments = (await server.status('changing')).segments;
    await eventually('it goes on', async () => (await server.status('changing')).segments >= segments + 2);
    assert.equal((await server.status('changing')).state, 'ready');
    assert.match((await told('changing', 'format'))[1], /^480x480.*; before: 320x180 at 30 fps/);
    after.kill();
  });

  await t.test('a wrong key and an unknown stream are refused, and a stranger while another sends', async () => {
    for (const [name, key] of [['keyed', 'wrong'], ['nowhere', 'k'], ['ffmpeg', 'somebody']]) {
      const publisher = new Publisher(t, url(name, key));
      publisher.start();
      assert.notEqual((await publisher.ended).code, 0, name);
    }
    assert.match((await server.status('keyed')).sources[0].reason, /a publisher was refused: the publish key is wrong/);
    assert.equal((await told('keyed', 'refused'))[0], 'the publish key is wrong');
    assert.equal((await told('ffmpeg', 'refused'))[0], 'another publisher is sending');
    const { refused } = await (await fetch(`${server.control}/v1/publishers/refused`)).json();
    for (const [stream, refusal] of [['keyed', 'unauthorized'], ['nowhere', 'not-found'], ['ffmpeg', 'conflict']])
      assert.ok(refused.some((one) => one.stream === stream && one.refusal === refusal && one.protocol === 'srt'), stream);
    const metrics = await (await fetch(`${server.metrics}/metrics`)).text();
    assert.match(metrics, /rehearsal_publishers_refused_total\{protocol="srt",reason="not-found"\} [1-9]/);
  });

  await t.test('garbage on the port troubles nobody', async () => {
    const socket = dgram.createSocket('udp4');
    for (let i = 0; i < 2000; ++i) socket.send(Buffer.from(Array.from({ length: 1 + ((i * 37) % 1400) }, (_, k) => (i * 31 + k * 17) & 255)), server.srt_port, '127.0.0.1');
    await new Promise((resolve) => socket.close(resolve));
    const segments = (await server.status('ffmpeg')).segments;
    await eventually('the first stream goes on', async () => (await server.status('ffmpeg')).segments > segments);
  });

  await t.test('ffmpeg over RTMP', async () => {
    const publisher = new Publisher(t, `rtmp://127.0.0.1:${server.rtmp_port}/live/rtmp?key=key-rtmp`, { format: 'flv' });
    publisher.start();
    await server.plays('rtmp');
    const wrong = new Publisher(t, `rtmp://127.0.0.1:${server.rtmp_port}/live/rtmp?key=wrong`, { format: 'flv' });
    wrong.start();
    assert.notEqual((await wrong.ended).code, 0);
    assert.equal((await server.status('rtmp')).state, 'ready');
    assert.equal((await told('rtmp', 'refused'))[0], 'the publish key is wrong');
    publisher.kill();
  });

  await t.test('ffmpeg over HTTP, in MPEG-TS and in FLV', async () => {
    const publishers = ['mpegts', 'flv'].map((format) => new Publisher(t, upload(format === 'flv' ? 'http-flv' : 'http-ts'), { format, output: ['-method', 'PUT'] }));
    for (const publisher of publishers) publisher.start();
    await server.plays('http-ts');
    await server.plays('http-flv');
    const wrong = new Publisher(t, upload('http-ts', 'wrong'), { output: ['-method', 'PUT', '-send_expect_100', '1'] });
    wrong.start();
    assert.match((await wrong.ended).said, /401/);
    assert.deepEqual((await server.status('http-ts')).source, { http: { needs_key: true } });
    for (const publisher of publishers) publisher.kill();
  });

  await t.test('curl -T', async () => {
    const uploader = new Uploader(t, upload('http-curl'));
    uploader.start();
    await server.plays('http-curl');
    assert.equal((await server.status('http-curl')).source_losses, 0);
    uploader.finish();
    const { said } = await uploader.ended;
    assert.match(said, /\{"bytes":\d+,"dropped":0\}/);
  });

  const status = await server.status('ffmpeg');
  assert.equal(status.state, 'ready');
  assert.equal(status.source_losses, 0);
});
