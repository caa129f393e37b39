// What the end-to-end tests of contributions share: a server with the streams that a test wants, and publishers by other programs.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Program, eventually, readJson, temporary, testVideo } from './lib.mjs';

// `more`: further sections of its configuration.
export async function startContributionServer(t, streams, more = {}) {
  const directory = temporary(t);
  const listen = '127.0.0.1:0';
  const config = { media: { listen }, control: { listen, open_tokens: true }, metrics: { listen }, srt: { listen }, streams, ...more };
  fs.writeFileSync(path.join(directory, 'server.json'), JSON.stringify(config));
  const ready = path.join(directory, 'ready.json');
  const server = new Program('rehearse-server', ['--config', path.join(directory, 'server.json'), '--ready-file', ready]);
  t.after(() => server.stop());
  await eventually('the server is ready', () => fs.existsSync(ready));
  const addresses = readJson(ready);
  const status = async (name) => (await fetch(`${addresses.control}/v1/streams/${name}`)).json();
  const plays = (name) => eventually(`${name} plays`, async () => (await fetch(`${addresses.media}/live/${name}/master.m3u8`)).status === 200, 60);
  return { ...addresses, server, status, plays };
}

const realTime = (file) => ['-hide_banner', '-loglevel', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file];

// The ffmpeg program as a publisher of a test video to any URL; a test may say how it encodes.
export class Publisher {
  constructor(t, url, { format = 'mpegts', encode = ['-c', 'copy'], input = realTime(testVideo()), output = [] } = {}) {
    this.arguments = [...input, ...encode, '-f', format, ...output, url];
    t.after(() => this.kill());
  }
  // Resolves `ended` with what ffmpeg said.
  start() {
    const child = spawn('ffmpeg', this.arguments, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    this.ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
  }
  kill() {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }
}

// srt-live-transmit as a publisher of what ffmpeg makes.
export class Transmitter {
  constructor(t, url) {
    this.url = url;
    t.after(() => this.kill());
  }
  start() {
    this.source = spawn('ffmpeg', [...realTime(testVideo()), '-c', 'copy', '-f', 'mpegts', '-'], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.child = spawn('srt-live-transmit', ['-q', 'file://con', this.url], { stdio: [this.source.stdout, 'ignore', 'ignore'] });
    this.source.stdout.destroy();
  }
  kill() {
    this.source?.kill('SIGKILL');
    this.child?.kill('SIGKILL');
  }
}

// curl as a publisher of what ffmpeg makes.
export class Uploader {
  constructor(t, url) {
    this.url = url;
    t.after(() => this.kill());
  }
  // Resolves `ended` with what curl said.
  start() {
    this.source = spawn('ffmpeg', [...realTime(testVideo()), '-c', 'copy', '-f', 'mpegts', '-'], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.child = spawn('curl', ['-sS', '-T', '-', this.url], { stdio: [this.source.stdout, 'pipe', 'pipe'] });
    this.source.stdout.destroy();
    let said = '';
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (chunk) => (said += chunk));
    this.ended = new Promise((resolve) => this.child.on('close', (code) => resolve({ code, said })));
  }
  // The contribution comes to its end.
  finish() {
    this.source.kill('SIGTERM');
  }
  kill() {
    this.source?.kill('SIGKILL');
    this.child?.kill('SIGKILL');
  }
}

export const srtUrl = (port, streamid, more = '') => `srt://127.0.0.1:${port}?streamid=${streamid}&pkt_size=1316${more}`;
