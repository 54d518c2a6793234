// The chart of a soak as a plain SVG, for light and dark backgrounds.
const WIDTH = 900;
const LEFT = 70;
const RIGHT = 20;
const MEMORY = { top: 94, height: 260 };
const MESSAGES = { top: 420, height: 110 };
const HEIGHT = 575;

const STYLE = `
  svg { --paper: #ffffff; --ink: #24292f; --faint: #d8dee4; --browser: #0969da; --server: #bc4c00; --messages: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #d1d7e0; --faint: #30363d; --browser: #58a6ff; --server: #f0883e; --messages: #3fb950; }
  }
  text { fill: var(--ink); font: 13px system-ui, sans-serif; }
  .title { font-size: 16px; font-weight: 600; }
  .grid { stroke: var(--faint); }
  path { fill: none; stroke-width: 2; stroke-linejoin: round; }
  .browser { stroke: var(--browser); }
  .each { stroke-width: 1; opacity: 0.6; }
  .server { stroke: var(--server); stroke-dasharray: 6 3; }
  .messages { stroke: var(--messages); }`;

/** Round values from 0 to the largest or a little over it, about as many as are wanted. */
function ticks(largest, wanted) {
  const rough = Math.max(largest, 1e-9) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, place) => Number((place * step).toPrecision(6)));
}

const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`;

/** A panel: its axes, and where a value lies in it. */
function panel({ top, height }, minutes, largest, unit) {
  const values = ticks(largest, height / 50);
  const right = WIDTH - RIGHT;
  const x = (at) => LEFT + (at / minutes) * (right - LEFT);
  const y = (value) => top + height - (value / values.at(-1)) * height;
  const across = values.map(
    (value) =>
      `<line class="grid" x1="${LEFT}" x2="${right}" y1="${y(value)}" y2="${y(value)}"/>` +
      text(LEFT - 8, y(value) + 4, value.toLocaleString('en'), 'text-anchor="end"'),
  );
  const down = ticks(minutes, 10)
    .filter((at) => at <= minutes)
    .map((at) => text(x(at), top + height + 18, at, 'text-anchor="middle"'));
  const axes = [...across, ...down, text(LEFT, top - 12, unit), text(right, top + height + 34, 'minutes', 'text-anchor="end"')];
  return { axes, x, y };
}

/** A line through the points; it is broken where a value is missing. */
function line({ x, y }, samples, value, name) {
  let pen = 'M';
  const steps = samples.map((sample) => {
    const found = value(sample);
    const step = found === undefined ? '' : `${pen}${x(sample.minutes).toFixed(1)} ${y(found).toFixed(1)}`;
    pen = found === undefined ? 'M' : 'L';
    return step;
  });
  return `<path class="${name}" d="${steps.join('')}"/>`;
}

const key = (x, name, words) => `<path class="${name}" d="M${x} 44h28"/>${text(x + 36, 48, words)}`;

const mean = ({ browsers }) => {
  const running = browsers.filter((memory) => memory !== undefined);
  return running.length > 0 ? running.reduce((sum, memory) => sum + memory, 0) / running.length : undefined;
};

/** Samples are { minutes, browsers: [MB or nothing], server: MB, messages }. */
export function chart(samples, count) {
  const last = samples.at(-1);
  const most = Math.max(...samples.flatMap(({ browsers, server }) => [...browsers.map((memory) => memory ?? 0), server]));
  const memory = panel(MEMORY, last.minutes, most, 'memory, MB');
  const messages = panel(MESSAGES, last.minutes, Math.max(last.messages, 1), 'messages arrived');
  const parts = [
    ...memory.axes,
    ...messages.axes,
    ...last.browsers.map((_, number) => line(memory, samples, ({ browsers }) => browsers[number], 'browser each')),
    line(memory, samples, mean, 'browser'),
    line(memory, samples, ({ server }) => server, 'server'),
    line(messages, samples, (sample) => sample.messages, 'messages'),
  ];
  const legend = [
    key(LEFT, 'browser', 'browser of a number, mean (PSS)'),
    key(LEFT + 270, 'browser each', 'each of them'),
    key(LEFT + 410, 'server', 'server (RSS)'),
    key(LEFT + 550, 'messages', 'messages'),
  ];
  const size = `width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="Memory of ${count} numbers over time">
<style>${STYLE}
</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="var(--paper)"/>
${text(LEFT, 24, `${count} numbers, all sending, for ${Math.round(last.minutes)} minutes`, 'class="title"')}
${[...legend, ...parts].join('\n')}
</svg>
`;
}
