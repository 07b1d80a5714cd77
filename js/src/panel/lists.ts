/** The panel's list of what could not be looked at. */

import { html } from '../dom';
import type { IEntry } from '../model';
import type { ITexts } from '../texts';
import type { ILensNotebook } from '../tokens';
import { cellLink } from './cellsection';

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
