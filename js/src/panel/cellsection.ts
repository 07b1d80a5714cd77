/** One cell in the panel: what was found in it, and how it ran. */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { FindingView } from '../cells/finding';
import type { IFindingHost } from '../cells/finding';
import { findingHost } from '../cells/host';
import { html } from '../dom';
import type { IEntry } from '../model';
import type { ITexts } from '../texts';
import type { ILensNotebook } from '../tokens';
import { unbroken } from '../unbroken';
import { RunDetails, hasRun } from './rundetails';

/** Where a cell's section is shown. */
export interface ISectionHost {
  readonly notebook: () => ILensNotebook | null;
  readonly rendermime: IRenderMimeRegistry;
  /** Whether the panel can be seen. */
  readonly isVisible: () => boolean;
}

/** The view of one cell. */
export class CellSection {
  readonly node: HTMLElement;
  private readonly _host: IFindingHost;
  private readonly _views: readonly FindingView[];
  private readonly _details: RunDetails | null;

  constructor(entry: IEntry, host: ISectionHost, texts: ITexts) {
    const { report, cellId } = entry;
    const { notebook, rendermime, isVisible } = host;
    this._details = hasRun(report) ? new RunDetails(entry, notebook, isVisible, texts) : null;
    this._host = findingHost({ cellId, notebook }, rendermime, texts);
    this._views = report.findings.map(finding => new FindingView(finding, this._host, texts));
    this.node = html(
      'section',
      { class: 'dask-lens-CellSection' },
      html(
        'header',
        { class: 'dask-lens-CellSection-head' },
        cellLink(entry, notebook, texts),
        html('span', { class: 'dask-lens-CellSection-headline' }, ...unbroken(report.headline))
      ),
      ...this._views.map(({ node }) => node),
      this._details?.node ?? null
    );
  }

  /** Whether it shows how the cell ran. */
  get isOpen(): boolean {
    return this._details?.node.open ?? false;
  }

  set isOpen(value: boolean) {
    if (this._details) {
      this._details.node.open = value;
    }
  }

  /** Look again at the notebook. */
  refresh(): void {
    this._details?.load();
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
