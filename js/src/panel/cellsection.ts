/** The findings of one cell, in the panel. */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { FindingView } from '../cells/finding';
import type { IFindingHost } from '../cells/finding';
import { findingHost } from '../cells/host';
import { html } from '../dom';
import type { IEntry } from '../model';
import type { ITexts } from '../texts';
import type { ILensNotebook } from '../tokens';

/** The view of one cell's findings. */
export class CellSection {
  readonly node: HTMLElement;
  private readonly _host: IFindingHost;
  private readonly _views: readonly FindingView[];

  constructor(
    entry: IEntry,
    notebook: () => ILensNotebook | null,
    rendermime: IRenderMimeRegistry,
    texts: ITexts
  ) {
    const { report, cellId } = entry;
    this._host = findingHost({ cellId, notebook }, rendermime, texts);
    this._views = report.findings.map(finding => new FindingView(finding, this._host, texts));
    this.node = html(
      'section',
      { class: 'dask-lens-CellSection' },
      html(
        'header',
        { class: 'dask-lens-CellSection-head' },
        cellLink(entry, notebook, texts),
        html('span', { class: 'dask-lens-CellSection-headline' }, report.headline)
      ),
      ...this._views.map(({ node }) => node)
    );
  }

  /** Look again at the notebook. */
  refresh(): void {
    for (const view of this._views) {
      view.refresh();
    }
  }
}

/** A cell's name that leads to it. */
export function cellLink(
  { report, cellId }: IEntry,
  notebook: () => ILensNotebook | null,
  texts: ITexts
): HTMLElement {
  const count = report.cell.execution_count;
  const name = count === null ? notebook()?.deeds.nameOf(cellId) : texts.__('Cell [%1]', count);
  return html(
    'button',
    {
      type: 'button',
      class: 'dask-lens-Link dask-lens-CellSection-name',
      title: texts.__('Show the cell'),
      on: { click: () => void notebook()?.deeds.show(cellId) }
    },
    name ?? texts.__('Cell')
  );
}
