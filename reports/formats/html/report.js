"use strict";
// Draws the plots from the run's data, and makes the page's navigation. Without this script the page still tells everything in
// sentences and tables.
(() => {
  const data = JSON.parse(document.getElementById("run-data").textContent);
  const root = document.documentElement;
  const kHeight = 230;
  const kRamp = ["#b5422c", "#e08a3c", "#e3c567", "#7fb8a4", "#3b82a6", "#23507f"];  // lowest rendition first
  const plots = [];

  const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const clock = (s) => {
    const whole = Math.floor(Math.abs(s) + 1e-6), m = Math.floor(whole / 60), h = Math.floor(m / 60);
    const two = (n) => String(n).padStart(2, "0");
    return (s < 0 ? "-" : "") + (h > 0 ? h + ":" + two(m % 60) : m) + ":" + two(whole % 60);
  };

  // ---- what all plots share

  const axis = (more) => ({
    stroke: () => colour("soft"), font: "12px system-ui, sans-serif", size: 46,
    grid: { stroke: () => colour("grid"), width: 1 }, ticks: { stroke: () => colour("grid"), width: 1 }, ...more,
  });
  // Wide enough for its longest number: some 7 px a character, the tick and its gap.
  const countWidth = (u, values) => Math.max(46, 20 + 7 * Math.max(0, ...(values ?? []).map((text) => String(text ?? "").length)));
  const countAxis = (more) => axis({ size: countWidth, incrs: [1, 2, 5].flatMap((n) => [...Array(8).keys()].map((p) => n * 10 ** p)).sort((a, b) => a - b), ...more });
  const timeAxis = () => axis({ size: 30, values: (u, ticks) => ticks.map(clock), incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400] });
  const timeSeries = { label: "time", value: (u, s) => (s == null ? "–" : clock(s)) };
  const line = (label, name, more) => ({ label, tone: name, stroke: () => colour(name), width: 2, points: { show: false }, value: (u, n) => n ?? "–", ...more });
  const faded = (name) => () => colour(name) + "30";

  // Vertical bands for the drills' windows behind the lines, their names on top; a name that would touch the one before goes a line
  // lower.
  function drillMarks() {
    const bands = (u) => {
      const { ctx, bbox } = u;
      ctx.save();
      for (const drill of data.drills) {
        const from = Math.max(bbox.left, u.valToPos(drill.from, "x", true));
        const to = Math.min(bbox.left + bbox.width, u.valToPos(drill.to, "x", true));
        if (to < bbox.left || from > bbox.left + bbox.width) continue;
        ctx.fillStyle = colour("drill");
        ctx.fillRect(from, bbox.top, Math.max(1, to - from), bbox.height);
        ctx.fillStyle = colour("drill-line");
        ctx.fillRect(from, bbox.top, uPlot.pxRatio, bbox.height);
      }
      ctx.restore();
    };
    const names = (u) => {
      const { ctx, bbox } = u, px = uPlot.pxRatio, ends = [];
      ctx.save();
      ctx.font = 12 * px + "px system-ui, sans-serif";
      ctx.fillStyle = colour("ink");
      ctx.textAlign = "left";
      ctx.textBaseline = "top";
      for (const drill of [...data.drills].sort((a, b) => a.from - b.from)) {
        const wide = ctx.measureText(drill.name).width, right = bbox.left + bbox.width;
        const x = Math.max(bbox.left, Math.min(u.valToPos(drill.from, "x", true) + 4 * px, right - wide));
        let row = ends.findIndex((end) => end + 6 * px < x);
        if (row < 0) row = ends.length;
        ends[row] = x + wide;
        ctx.fillText(drill.name, x, bbox.top + (2 + 15 * row) * px);
      }
      ctx.restore();
    };
    return { hooks: { drawClear: bands, draw: names } };
  }

  // Arrow keys move the cursor over the points, so that the legend's values can be read without a pointer.
  function keys(u, box) {
    box.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      if (!step) return;
      event.preventDefault();
      const last = u.data[0].length - 1, at = u.cursor.idx == null ? (step > 0 ? 0 : last) : u.cursor.idx + step;
      u.setCursor({ left: u.valToPos(u.data[0][Math.max(0, Math.min(last, at))], "x"), top: 10 });
    });
  }

  // A piece of the line itself in the legend, so that its dashes can be told apart without colour.
  function sample(entry, series) {
    const marker = entry.querySelector(".u-marker"), svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const stroke = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [name, value] of Object.entries({ width: 30, height: 10, "aria-hidden": "true" })) svg.setAttribute(name, value);
    for (const [name, value] of Object.entries({ d: "M0 5H30", fill: "none", "stroke-width": series.width, "stroke-dasharray": series.dash.join(" ") })) stroke.setAttribute(name, value);
    stroke.style.stroke = "var(--" + series.tone + ")";
    marker.removeAttribute("style");
    marker.classList.add("sample");
    svg.append(stroke);
    marker.append(svg);
  }

  function draw(id, options, columns) {
    const box = document.getElementById(id);
    if (!box || columns[0].length === 0) return;
    const u = new uPlot({ width: Math.max(200, box.clientWidth), height: kHeight, legend: { live: true }, cursor: { drag: { x: false, y: false }, ...options.cursor }, ...options.rest }, columns, box);
    keys(u, box);
    u.series.forEach((series, i) => { if (series.dash) sample(box.querySelectorAll(".u-series")[i], series); });
    new ResizeObserver(() => {
      if (!root.dataset.printing && box.clientWidth > 0 && box.clientWidth !== u.width) u.setSize({ width: box.clientWidth, height: kHeight });
    }).observe(box);
    plots.push({ u, box });
  }

  // ---- the plots

  const together = { sync: { key: "time" } };
  const fromZero = { range: (u, low, high) => [0, Math.max(1, high * 1.08)] };
  const underNames = { range: (u, low, high) => [0, Math.max(4, high * 1.35)] };

  function concurrency() {
    draw("concurrency", { cursor: together, rest: {
      scales: { x: { time: false }, y: underNames },
      axes: [timeAxis(), countAxis()],
      series: [timeSeries, line("active", "active", { width: 1.5, dash: [5, 3] }), line("playing", "playing", { fill: faded("playing") }),
               line("starting", "starting"), line("stalled", "stalled", { fill: faded("stalled") }),
               ...(data.paused ? [line("paused", "paused", { dash: [2, 3] })] : [])],
      plugins: [drillMarks()],
    } }, [data.at, data.active, data.playing, data.starting, data.stalled, ...(data.paused ? [data.paused] : [])]);
  }

  function stalls() {
    draw("stalls", { cursor: together, rest: {
      scales: { x: { time: false }, y: underNames, errors: underNames },
      axes: [timeAxis(), countAxis(), countAxis({ scale: "errors", side: 1, grid: { show: false }, stroke: () => colour("errors") })],
      series: [timeSeries, line("stalled sessions", "stalled", { fill: faded("stalled") }),
               line("failed requests a second (right)", "errors", { scale: "errors", width: 1.5, dash: [4, 3] })],
      plugins: [drillMarks()],
    } }, [data.at, data.stalled, data.errors]);
  }

  // Told apart by their dashes as by colour. The first lies below all, broad and of middle lightness, so that a line of the same values
  // shows on it.
  const kDashes = [[], [9, 4], [2, 3], [10, 3, 2, 3], [5, 2, 5, 7], [16, 7]];
  const deviceLine = (name, i, value) => line(name, "device-" + (i + 1), { width: i === 0 ? 4 : 2.2, dash: kDashes[i], value });
  const roomForNames = () => (data.drills.length > 0 ? 1.35 : 1.08);
  const bitrate = (n) => (n == null ? "–" : n < 999500 && n > 0 ? +(n / 1e3).toPrecision(3) + " kbit/s" : +(n / 1e6).toPrecision(3) + " Mbit/s");
  const seconds = (n) => (n == null ? "–" : n.toFixed(1) + " s");

  // The downlink goes out of the plot where it is far above what is played.
  function deviceBitrates() {
    if (!data.devices) return;
    const played = data.devices.map((d) => d.bitrate), links = data.downlink ? [data.downlink] : [];
    const top = Math.max(1000, ...played.map((values) => Math.max(0, ...values)));
    draw("device-bitrate", { cursor: together, rest: {
      scales: { x: { time: false }, y: { range: (u, low, high) => [0, Math.min(high, 2.5 * top) * roomForNames()] } },
      axes: [timeAxis(), axis({ size: 74, values: (u, ticks) => ticks.map((n) => (n === 0 ? "0" : bitrate(n))) })],
      series: [timeSeries, ...links.map(() => line("downlinks", "downlink", { width: 1.5, dash: [], value: (u, n) => bitrate(n), paths: uPlot.paths.stepped({ align: -1 }) })),
               ...data.devices.map((d, i) => deviceLine(d.name, i, (u, n) => bitrate(n)))],
      plugins: [drillMarks()],
    } }, [data.at, ...links, ...played]);
  }

  function deviceBuffers() {
    if (!data.devices) return;
    draw("device-buffer", { cursor: together, rest: {
      scales: { x: { time: false }, y: { range: (u, low, high) => [0, Math.max(2, high * roomForNames())] } },
      axes: [timeAxis(), axis({ size: 54, values: (u, ticks) => ticks.map((n) => n + " s") })],
      series: [timeSeries, ...data.devices.map((d, i) => deviceLine(d.name, i, (u, n) => seconds(n)))],
      plugins: [drillMarks()],
    } }, [data.at, ...data.devices.map((d) => d.buffer)]);
  }

  // Stacked from the lowest rendition up: each column is the sum of those below and itself; the legend shows the share itself.
  function renditions() {
    const names = data.renditions.map((r) => r.name);
    const stacked = [], bands = [];
    data.renditions.forEach((r, i) => stacked.push(r.share.map((share, k) => share + (i > 0 ? stacked[i - 1][k] : 0))));
    const tint = (i) => kRamp[names.length === 1 ? kRamp.length - 1 : Math.round(i * (kRamp.length - 1) / (names.length - 1))];
    for (let i = names.length - 1; i > 0; i--) bands.push({ series: [i + 1, i], fill: tint(i) });
    const series = names.map((label, i) => ({ label, stroke: tint(i), fill: tint(i), width: 1, points: { show: false },
                                             value: (u, n, s, k) => (k == null ? "–" : data.renditions[i].share[k].toFixed(0) + " %") }));
    draw("renditions", { cursor: together, rest: {
      scales: { x: { time: false }, y: { range: [0, 100] } },
      axes: [timeAxis(), axis({ size: 54, values: (u, ticks) => ticks.map((n) => n + " %") })],
      series: [timeSeries, ...series], bands, plugins: [],
    } }, [data.at, ...stacked]);
  }

  function startup() {
    const { bin, counts, marks, open } = data.startup;
    const middles = counts.map((n, i) => (i + 0.5) * bin);
    const seconds = (s) => (bin < 0.1 ? s.toFixed(2) : s.toFixed(1)) + " s";
    const range = (u, x, s, k) => (k == null ? "–" : seconds(k * bin) + (open && k === counts.length - 1 ? " and more" : " to " + seconds((k + 1) * bin)));
    const percentiles = (u) => {
      const { ctx, bbox } = u, px = uPlot.pxRatio;
      ctx.save();
      ctx.font = 12 * px + "px system-ui, sans-serif";
      ctx.textAlign = "left";
      ctx.textBaseline = "top";
      ctx.fillStyle = colour("ink");
      for (const [row, mark] of marks.entries()) {
        const x = u.valToPos(mark.at, "x", true);
        if (x > bbox.left + bbox.width) continue;
        ctx.fillRect(x, bbox.top, px, bbox.height);
        ctx.fillText(mark.name, Math.min(x + 4 * px, bbox.left + bbox.width - 24 * px), bbox.top + (2 + 15 * row) * px);
      }
      ctx.restore();
    };
    draw("startup", { cursor: {}, rest: {
      scales: { x: { time: false, range: [0, bin * counts.length] }, y: fromZero },
      axes: [axis({ size: 30, values: (u, ticks) => ticks.map((s) => +s.toFixed(3) + " s") }), countAxis()],
      series: [{ label: "startup time", value: range },
               line("sessions", "playing", { width: 1, fill: faded("playing"), paths: uPlot.paths.bars({ size: [0.92, 100], align: 0 }) })],
      plugins: [{ hooks: { draw: percentiles } }],
    } }, [middles, counts]);
  }

  // ---- the page around them

  function navigation() {
    const list = document.createElement("ul");
    for (const section of document.querySelectorAll("main > section")) {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = "#" + section.id;
      link.textContent = section.querySelector("h2").textContent;
      item.append(link);
      list.append(item);
    }
    document.querySelector("nav").append(list);
  }

  // Paper is light whatever the screen is, and a canvas does not follow the page's width by itself.
  const redraw = () => plots.forEach(({ u }) => u.redraw(true, true));
  function printing(on) {
    if (on) root.dataset.printing = "yes";
    else delete root.dataset.printing;
    for (const { u, box } of plots) u.setSize({ width: on ? 322 : Math.max(200, box.clientWidth), height: on ? 165 : kHeight });
    redraw();
  }

  navigation();
  concurrency();
  stalls();
  deviceBitrates();
  deviceBuffers();
  startup();
  renditions();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", () => printing(true));
  addEventListener("afterprint", () => printing(false));
})();
