// report.html as a person opens it: in Chromium, wide and narrow, light and dark, by keyboard.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { chromium } from 'playwright-core';
import { rehearse, temporary } from './lib.mjs';

const devices = ['desktop-hlsjs', 'desktop-dashjs', 'desktop-shaka', 'android'];

test('the report of a run with several engines', async (t) => {
  const directory = path.join(temporary(t), 'run');
  const { code, output } = await rehearse(['simulate', 'scenarios/engines.json', '--out', directory, '-q']);
  assert.equal(code, 0, output);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  t.after(() => browser.close());
  const open = async (options) => {
    const tab = await browser.newPage(options);
    tab.problems = [];
    tab.on('pageerror', (error) => tab.problems.push(`${error}`));
    tab.on('console', (message) => message.type() === 'error' && tab.problems.push(message.text()));
    await tab.goto(`file://${directory}/report.html`);
    return tab;
  };
  // The entries of a plot's legend: { name: value }, and how each line is dashed.
  const legend = (tab, plot) => tab.$$eval(`#${plot} .u-series`, (rows) => Object.fromEntries(rows.map((row) =>
    [row.querySelector('.u-label').textContent, { value: row.querySelector('.u-value').textContent, dash: row.querySelector('path')?.getAttribute('stroke-dasharray') }])));
  // How many of a plot's pixels have the colour of a variable of the page.
  const pixels = (tab, plot, variable) => tab.$eval(`#${plot} canvas`, (canvas, name) => {
    const probe = document.createElement('canvas').getContext('2d');
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data, { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) found += data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255 ? 1 : 0;
    return found;
  }, variable);

  for (const colorScheme of ['light', 'dark'])
    await t.test(`draws a line for each device and the link that they share, ${colorScheme}`, async () => {
      const tab = await open({ colorScheme });
      for (let i = 1; i <= devices.length; ++i)
        for (const plot of ['device-bitrate', 'device-buffer']) assert.ok((await pixels(tab, plot, `--device-${i}`)) > 40, `${plot}: ${devices[i - 1]}`);
      assert.ok((await pixels(tab, 'device-bitrate', '--downlink')) > 40);
      assert.deepEqual(tab.problems, []);
      await tab.close();
    });

  await t.test('tells the devices apart without colour', async () => {
    const tab = await open();
    for (const plot of ['device-bitrate', 'device-buffer']) {
      const entries = await legend(tab, plot);
      assert.equal(new Set(devices.map((name) => entries[name].dash)).size, devices.length, JSON.stringify(entries));
    }
    await tab.close();
  });

  await t.test('gives the values of a moment by keyboard', async () => {
    const tab = await open();
    const at21 = async (plot) => {
      await tab.focus(`#${plot}`);
      for (let i = 0; i < 3; ++i) await tab.keyboard.press('PageDown');
      return legend(tab, plot);
    };
    const [bitrates, buffers] = [await at21('device-bitrate'), await at21('device-buffer')];
    for (const name of devices) {
      assert.match(bitrates[name].value, /^[\d.]+ [kM]bit\/s$/);
      assert.match(buffers[name].value, /^[\d.]+ s$/);
    }
    assert.equal(bitrates.downlinks.value, '700 kbit/s', 'the links fell after 14 s');
    await tab.close();
  });

  await t.test('fits a telephone', async () => {
    const tab = await open({ viewport: { width: 360, height: 740 } });
    assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing to scroll sideways');
    for (const plot of ['device-bitrate', 'device-buffer']) {
      const wide = await tab.$eval(`#${plot}`, (box) => [...box.querySelectorAll('.u-series, canvas')].map((part) => part.getBoundingClientRect().right - box.getBoundingClientRect().right));
      assert.ok(Math.max(...wide) <= 1, `${plot} juts out: ${wide}`);
    }
    await tab.close();
  });
});
