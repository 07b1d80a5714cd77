/** Every run of a variant as a dot on a line from 0, half of them in a box, the median a bar. */

import { svg } from '../dom';
import type { ITexts } from '../texts';
import { seconds } from '../units';
import type { VariantReport } from '../wire';

const WIDTH = 140;
const HEIGHT = 22;
const MARGIN = 6;
const MIDDLE = HEIGHT / 2;

/** Draw the runs, to the scale of the longest run of all variants. */
export function runDots(
  { runs, median, half, outliers }: VariantReport,
  longest: number,
  texts: ITexts
): SVGElement | string {
  if (runs.length === 0 || median === null || longest <= 0) {
    return '';
  }
  const x = (value: number): string =>
    (MARGIN + ((WIDTH - 2 * MARGIN) * value) / longest).toFixed(1);
  const bar = x(median);
  const [low, high] = half ?? [median, median];
  const [left, right] = [x(low ?? median), x(high ?? median)];
  return svg(
    'svg',
    {
      class: 'dask-lens-Runs',
      width: WIDTH,
      height: HEIGHT,
      role: 'img',
      'aria-label': texts.__('%1 runs, median %2', runs.length, seconds(median))
    },
    svg('line', {
      class: 'dask-lens-Runs-axis',
      x1: MARGIN,
      x2: WIDTH - MARGIN,
      y1: MIDDLE,
      y2: MIDDLE
    }),
    svg('rect', {
      class: 'dask-lens-Runs-half',
      x: left,
      width: (Number(right) - Number(left)).toFixed(1),
      y: 5,
      height: HEIGHT - 10
    }),
    ...runs.map((run, n) => {
      const odd = outliers.includes(n);
      const words = texts.__('round %1: %2', n + 1, seconds(run));
      return svg(
        'circle',
        {
          class: `dask-lens-Runs-dot${odd ? ' dask-lens-mod-odd' : ''}`,
          cx: x(run),
          cy: MIDDLE,
          r: 3.5
        },
        svg('title', {}, odd ? texts.__('%1 (outlier)', words) : words)
      );
    }),
    svg('line', { class: 'dask-lens-Runs-median', x1: bar, x2: bar, y1: 3, y2: HEIGHT - 3 })
  );
}
