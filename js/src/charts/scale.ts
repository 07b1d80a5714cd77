/** A scale of seconds below a chart. */

import { html } from '../dom';
import { seconds } from '../units';

/** Marks, at most. */
const MOST = 4;
/** Share of the width from which on there is no room for words beside a mark. */
const LATE = 0.65;

/** Draw the scale, as wide as what it is put into. */
export function scale(duration: number): HTMLElement {
  const marks = ticks(duration).map(at => {
    const share = at / duration;
    return html(
      'span',
      { class: 'dask-lens-Scale-mark', style: `left: ${(100 * share).toFixed(2)}%` },
      share > LATE ? null : seconds(at)
    );
  });
  return html('div', { class: 'dask-lens-Scale', 'aria-hidden': 'true' }, ...marks);
}

/** Round numbers of seconds below a duration, without the 0. */
export function ticks(duration: number): readonly number[] {
  if (!(duration > 0)) {
    return [];
  }
  const power = 10 ** Math.floor(Math.log10(duration / MOST));
  const factor = [1, 2, 5, 10, 20].find(n => duration / (power * n) <= MOST) ?? 20;
  const step = power * factor;
  return Array.from({ length: Math.ceil(duration / step) - 1 }, (_, n) => step * (n + 1));
}
