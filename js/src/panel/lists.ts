/** The panel's lists: cells without findings, and what could not be looked at. */

import { html } from '../dom';
import type { IEntry } from '../model';
import type { ITexts } from '../texts';
import type { ILensNotebook } from '../tokens';
import { cellLink } from './cellsection';

/** Cells that were looked at and of which there is nothing to say. */
export function otherCells(
  entries: readonly IEntry[],
  notebook: ILensNotebook,
  texts: ITexts
): HTMLElement | null {
  const rows = entries
    .filter(({ report }) => report.findings.length === 0 && report.computations.length > 0)
    .map(entry =>
      html(
        'li',
        {},
        cellLink(entry, () => notebook, texts),
        ' ',
        entry.report.headline
      )
    );
  if (rows.length === 0) {
    return null;
  }
  return html(
    'section',
    { class: 'dask-lens-Panel-list' },
    html('h3', {}, texts.__('Nothing found')),
    html('ul', {}, ...rows)
  );
}

/** What could not be looked at, which is not the same as finding nothing. */
export function unjudged(
  entries: readonly IEntry[],
  notebook: ILensNotebook,
  texts: ITexts
): HTMLElement | null {
  const rows = entries.flatMap(entry =>
    entry.report.not_judged.map(({ name, reason }) =>
      html(
        'li',
        {},
        cellLink(entry, () => notebook, texts),
        ' ',
        html('b', {}, name),
        `: ${reason}`
      )
    )
  );
  if (rows.length === 0) {
    return null;
  }
  return html(
    'details',
    { class: 'dask-lens-Panel-list dask-lens-NotJudged' },
    html('summary', {}, texts.__('Could not look (%1)', rows.length)),
    html('ul', {}, ...rows)
  );
}
