/** Predicted speed-up over the number of workers, and from where on it is flat. */

import { html, svg } from '../dom';
import type { ITexts } from '../texts';
import { seconds } from '../units';
import type { Point, Speedup } from '../wire';

const WIDTH = 220;
const HEIGHT = 110;
/** Room for the words at the left and below. */
const LEFT = 26;
const BELOW = 16;
const ABOVE = 8;

/** Draw the curve, with the sentence that says what it means. */
export function speedupCurve(speedup: Speedup, texts: ITexts): HTMLElement {
  const { points, flat_from: flat } = speedup;
  const most = Math.max(...points.map(point => point.speedup), 1);
  const widest = Math.max(...points.map(({ workers }) => workers), 2);
  const x = (workers: number): number =>
    rounded(LEFT + ((WIDTH - LEFT - 8) * Math.log2(workers)) / Math.log2(widest));
  const y = (value: number): number =>
    rounded(HEIGHT - BELOW - ((HEIGHT - BELOW - ABOVE) * value) / most);
  const axis = y(0);
  const label = (workers: number): SVGElement =>
    word('middle', x(workers), HEIGHT - 4, String(workers));
  const labelled = points.filter(({ workers }) => Number.isInteger(Math.log2(workers)));
  return html(
    'div',
    { class: 'dask-lens-Curve' },
    svg(
      'svg',
      {
        class: 'dask-lens-Curve-chart',
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: 'img',
        'aria-label': texts.__('Predicted speed-up over the number of workers. %1', speedup.text)
      },
      svg('line', { class: 'dask-lens-Curve-axis', x1: LEFT, x2: WIDTH, y1: axis, y2: axis }),
      svg('line', {
        class: 'dask-lens-Curve-flat',
        x1: x(flat),
        x2: x(flat),
        y1: ABOVE,
        y2: axis
      }),
      word('end', LEFT - 4, y(most) + 4, `${most.toFixed(1)}×`),
      word('end', LEFT - 4, axis, '0'),
      svg('polyline', {
        class: 'dask-lens-Curve-line',
        points: points.map(point => `${x(point.workers)},${y(point.speedup)}`).join(' ')
      }),
      ...points.map(point => dot(point, x(point.workers), y(point.speedup), texts)),
      ...labelled.map(({ workers }) => label(workers))
    ),
    html('p', { class: 'dask-lens-Curve-text' }, texts.__('Predicted: %1', speedup.text))
  );
}

function dot(
  { workers, seconds: took, speedup }: Point,
  cx: number,
  cy: number,
  texts: ITexts
): SVGElement {
  const words = texts.__('%1 workers: %2, %3×', workers, seconds(took), speedup.toFixed(1));
  return svg('circle', { class: 'dask-lens-Curve-dot', cx, cy, r: 2.5 }, svg('title', {}, words));
}

function word(anchor: string, x: number, y: number, text: string): SVGElement {
  return svg('text', { class: 'dask-lens-Curve-word', 'text-anchor': anchor, x, y }, text);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
