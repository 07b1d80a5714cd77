/** Tables of comparisons. */

import type { Child } from './dom';
import { html } from './dom';

/** What stands in a row; the first is its title. */
export type Cells = readonly Child[];

/**
 * A table with a row of titles, without the columns that are empty. Where it is narrow each cell
 * shows the title of its column.
 */
export function grid(
  titles: readonly string[],
  all: readonly Cells[],
  classes: readonly string[] = []
): HTMLElement {
  const kept = titles.map((_, column) => all.some(cells => !isEmpty(cells[column])));
  const head = titles.filter((_, column) => kept[column]);
  const rows = all.map(cells => cells.filter((_, column) => kept[column]));
  return html(
    'table',
    { class: 'dask-lens-Comparison-table', role: 'table' },
    html(
      'thead',
      { role: 'rowgroup' },
      html(
        'tr',
        { role: 'row' },
        ...head.map(text => html('th', { scope: 'col', role: 'columnheader' }, text))
      )
    ),
    html(
      'tbody',
      { role: 'rowgroup' },
      ...rows.map(([title, ...cells], n) =>
        html(
          'tr',
          { class: classes[n] ?? null, role: 'row' },
          html('th', { scope: 'row', role: 'rowheader' }, title ?? ''),
          ...cells.map((cell, column) => {
            const label = isEmpty(cell) ? null : (head[column + 1] ?? null);
            return html('td', { role: 'cell', 'data-label': label }, cell);
          })
        )
      )
    )
  );
}

function isEmpty(cell: Child | undefined): boolean {
  return cell === '' || cell === null || cell === undefined;
}

/** The same where it may be too wide: it scrolls, with the arrow keys as well. */
export function scrolled(
  label: string,
  head: readonly string[],
  rows: readonly Cells[],
  classes: readonly string[] = []
): HTMLElement {
  return html(
    'div',
    { class: 'dask-lens-Comparison-scroll', role: 'region', tabindex: 0, 'aria-label': label },
    grid(head, rows, classes)
  );
}
