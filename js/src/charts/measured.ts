/** Measured speed-up over the number of workers, drawn over the predicted one. */

import { html, svg } from '../dom';
import { grid } from '../grid';
import type { ITexts } from '../texts';
import type { CurvePoint } from '../wire';

const WIDTH = 300;
const HEIGHT = 160;
const MARGIN = 28;

/** Draw the curve, and below it the numbers. */
export function measuredCurve(points: readonly CurvePoint[], texts: ITexts): HTMLElement {
  const most = Math.max(...points.map(({ workers }) => workers), 1);
  const top = Math.max(...points.flatMap(({ high, predicted }) => [high, predicted ?? 0]), 1);
  const x = (workers: number): number => rounded(MARGIN + ((WIDTH - 2 * MARGIN) * workers) / most);
  const y = (value: number): number =>
    rounded(HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * value) / top);
  const line = (name: string, pairs: readonly (readonly [number, number])[]): SVGElement =>
    svg('polyline', {
      class: `dask-lens-Measured-${name}`,
      points: pairs.map(([at, value]) => `${x(at)},${y(value)}`).join(' ')
    });
  const end = Math.min(most, top);
  const predicted = points.flatMap(({ workers, predicted: value }) =>
    value === null ? [] : [[workers, value] as const]
  );
  return html(
    'div',
    { class: 'dask-lens-Measured' },
    svg(
      'svg',
      {
        class: 'dask-lens-Measured-chart',
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: 'img',
        'aria-label': texts.__('Measured and predicted speed-up over the number of workers')
      },
      line('ideal', [
        [0, 0],
        [end, end]
      ]),
      line('predicted', predicted),
      line(
        'line',
        points.map(({ workers, speedup }) => [workers, speedup] as const)
      ),
      ...points.map(({ workers, speedup, low, high }) =>
        svg(
          'g',
          { class: 'dask-lens-Measured-point' },
          svg('line', { x1: x(workers), x2: x(workers), y1: y(low), y2: y(high) }),
          svg(
            'circle',
            { cx: x(workers), cy: y(speedup), r: 3 },
            svg('title', {}, texts.__('%1 workers: %2×', workers, speedup.toFixed(2)))
          ),
          word('middle', x(workers), HEIGHT - MARGIN + 14, String(workers))
        )
      ),
      word('end', MARGIN - 4, y(top) + 4, `${top.toFixed(1)}×`),
      word('end', MARGIN - 4, y(0), '0')
    ),
    numbers(points, texts),
    html('p', { class: 'dask-lens-Measured-legend' }, legend(predicted.length > 0, texts))
  );
}

/** What the lines are; bars are the intervals of what was measured. */
function legend(isPredicted: boolean, texts: ITexts): string {
  return isPredicted
    ? texts.__('Blue: measured, with 95 % intervals. Dashed: predicted. Straight: ideal.')
    : texts.__('Blue: measured, with 95 % intervals. Straight: ideal.');
}

function numbers(points: readonly CurvePoint[], texts: ITexts): HTMLElement {
  const head = [
    texts.__('workers'),
    texts.__('speed-up'),
    texts.__('predicted'),
    texts.__('serial fraction (Karp-Flatt)')
  ];
  const digits = (value: number | null): string =>
    value?.toFixed(2).replace(/^-(0\.00)$/, '$1') ?? '';
  const rows = points.map(({ workers, speedup, predicted, serial_fraction: serial }) => [
    String(workers),
    digits(speedup),
    digits(predicted),
    digits(serial)
  ]);
  return grid(head, rows);
}

function word(anchor: string, x: number, y: number, text: string): SVGElement {
  return svg('text', { class: 'dask-lens-Curve-word', 'text-anchor': anchor, x, y }, text);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
