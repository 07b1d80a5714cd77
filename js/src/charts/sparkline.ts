/** Tasks running over the last minute, as steps. */

import { svg } from '../dom';
import type { ITexts } from '../texts';
import type { Live } from '../wire';

/** Seconds from the left edge to the right. */
const SPAN = 60;
const WIDTH = 240;
const HEIGHT = 36;

/** Draw samples; the newest is at the right edge, the top is all threads. */
export function sparkline(samples: readonly Live[], texts: ITexts): SVGElement {
  const label = texts.__('Tasks running in the last minute');
  return svg(
    'svg',
    {
      class: 'dask-lens-Sparkline',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': label
    },
    svg('title', {}, label),
    svg('line', { class: 'dask-lens-Sparkline-top', x1: 0, x2: WIDTH, y1: 1, y2: 1 }),
    svg('path', {
      class: 'dask-lens-Sparkline-area',
      d: `${steps(samples)} V${HEIGHT} Z`
    }),
    svg('path', { class: 'dask-lens-Sparkline-line', d: steps(samples) })
  );
}

/** The path of the steps: a count holds until the next sample. */
export function steps(samples: readonly Live[]): string {
  const [first] = samples;
  const last = samples[samples.length - 1];
  if (!first || !last) {
    return `M0 ${HEIGHT} H${WIDTH}`;
  }
  const top = topOf(samples);
  const x = (time: number): string => round(WIDTH * Math.max(0, 1 - (last.time - time) / SPAN));
  const y = (running: number): string => round(HEIGHT - 1 - ((HEIGHT - 2) * running) / top);
  const rest = samples.map(({ time, running }) => `H${x(time)} V${y(running)}`).join(' ');
  return `M${x(first.time)} ${HEIGHT} ${rest} H${WIDTH}`;
}

/** What the top of the chart stands for. */
export function topOf(samples: readonly Live[]): number {
  return Math.max(...samples.map(({ running, threads }) => Math.max(running, threads)), 1);
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
