/** The panel's comparisons: the latest, and how well their times were predicted. */

import { predictedWords } from '../cells/costs';
import { html } from '../dom';
import { grid } from '../grid';
import type { ITexts } from '../texts';
import { seconds, secondsRange } from '../units';
import type { ComparisonReport, VariantReport } from '../wire';

/** Comparisons whose conclusions are shown. */
const SHOWN = 5;

/** The section, the latest first; null where nothing was compared. */
export function comparisonList(
  comparisons: readonly ComparisonReport[],
  texts: ITexts
): HTMLElement | null {
  if (comparisons.length === 0) {
    return null;
  }
  const latest = [...comparisons].reverse();
  return html(
    'section',
    { class: 'dask-lens-Comparisons', 'aria-label': texts.__('Comparisons') },
    html('h3', { class: 'dask-lens-Panel-section' }, texts.__('Comparisons')),
    html(
      'ul',
      { class: 'dask-lens-Comparisons-latest' },
      ...latest
        .slice(0, SHOWN)
        .map(({ conclusion, variants }) =>
          html('li', { title: variants.map(({ name }) => name).join(', ') }, conclusion)
        )
    ),
    history(latest, texts)
  );
}

/** Every prediction with what was measured then, and how far off half of them were. */
function history(latest: readonly ComparisonReport[], texts: ITexts): HTMLElement | null {
  const known = latest.flatMap(({ variants }) => variants).flatMap(told);
  if (known.length === 0) {
    return null;
  }
  const off = known.map(({ mid, waited }) => Math.abs(mid / waited - 1)).sort((a, b) => a - b);
  const middle = Math.round(100 * (off[off.length >> 1] ?? 0));
  const head = [
    texts.__('variant'),
    texts.__('predicted'),
    texts.__('between'),
    texts.__('measured')
  ];
  const rows = known.map(({ variant, low, high, waited }) => {
    const isInside = low <= waited && waited <= high;
    const measured = isInside ? seconds(waited) : texts.__('%1 (outside)', seconds(waited));
    return [variant.name, predictedWords(variant), secondsRange(low, high), measured];
  });
  return html(
    'details',
    { class: 'dask-lens-Comparisons-history' },
    html('summary', {}, texts.__('Predicted against measured (%1)', known.length)),
    html('p', {}, texts.__('Half of the predictions were off by %1 % or less.', middle)),
    grid(head, rows)
  );
}

interface ITold {
  readonly variant: VariantReport;
  readonly low: number;
  readonly mid: number;
  readonly high: number;
  readonly waited: number;
}

function told(variant: VariantReport): ITold[] {
  const { predicted, waited } = variant;
  return predicted && waited ? [{ variant, ...predicted, waited }] : [];
}
