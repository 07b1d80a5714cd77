/** The panel's comparisons: the latest, and how well their times were predicted. */

import { predictedWords } from '../cells/comparison';
import { html } from '../dom';
import type { ITexts } from '../texts';
import { seconds } from '../units';
import type { ComparisonReport } from '../wire';

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

function history(latest: readonly ComparisonReport[], texts: ITexts): HTMLElement | null {
  const known = latest
    .flatMap(({ variants }) => variants)
    .filter(({ predicted, waited }) => predicted !== null && waited !== null);
  if (known.length === 0) {
    return null;
  }
  const head = [texts.__('variant'), texts.__('predicted'), texts.__('measured')];
  const rows = known.map(variant => [
    variant.name,
    predictedWords(variant),
    seconds(variant.waited ?? 0)
  ]);
  return html(
    'details',
    { class: 'dask-lens-Comparisons-history' },
    html('summary', {}, texts.__('Predicted against measured (%1)', known.length)),
    html(
      'table',
      { class: 'dask-lens-Comparison-table' },
      html('thead', {}, html('tr', {}, ...head.map(text => html('th', { scope: 'col' }, text)))),
      html(
        'tbody',
        {},
        ...rows.map(cells => html('tr', {}, ...cells.map(text => html('td', {}, text))))
      )
    )
  );
}
