/** Draws a report where it is a cell's output. */

import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { html } from '../dom';
import { readReport } from '../reading';
import type { ITexts } from '../texts';
import type { ILensNotebook, ILensTracker } from '../tokens';
import { ReportCard } from './card';
import { findingHost } from './host';

/** The renderer of one output. */
export class ReportRenderer extends Widget implements IRenderMime.IRenderer {
  private readonly _mimeType: string;
  private readonly _tracker: ILensTracker;
  private readonly _rendermime: IRenderMimeRegistry;
  private readonly _texts: ITexts;
  private _data: unknown = null;
  private _card: ReportCard | null = null;
  private _notebook: ILensNotebook | null = null;

  constructor(
    mimeType: string,
    tracker: ILensTracker,
    rendermime: IRenderMimeRegistry,
    texts: ITexts
  ) {
    super();
    this._mimeType = mimeType;
    this._tracker = tracker;
    this._rendermime = rendermime;
    this._texts = texts;
    this.addClass('dask-lens-Output');
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._data = model.data[this._mimeType];
    this._draw();
    return Promise.resolve();
  }

  override dispose(): void {
    this._leave();
    super.dispose();
  }

  protected override onAfterAttach(_: Message): void {
    // Only now is it known in which notebook, and in which of its cells, this is shown.
    this._draw();
  }

  protected override onBeforeDetach(_: Message): void {
    this._leave();
  }

  private _draw(): void {
    this._leave();
    const report = readReport(this._data);
    if (!report) {
      const text = this._texts.__('This report was written by another version of dask-lens.');
      this.node.replaceChildren(html('p', { class: 'dask-lens-Output-unreadable' }, text));
      return;
    }
    this._notebook =
      this._tracker.notebooks.find(({ panel }) => panel.node.contains(this.node)) ?? null;
    const cell = this._notebook?.panel.content.widgets.find(({ node }) =>
      node.contains(this.node)
    );
    const cellId = cell?.model.id ?? report.cell.cell_id;
    const shown = { cellId, notebook: () => this._notebook };
    const host = findingHost(shown, this._rendermime, this._texts);
    this._card = new ReportCard(report, host, this._texts);
    this.node.replaceChildren(this._card.node);
    this._notebook?.deeds.textsChanged.connect(this._onTextsChanged, this);
  }

  private _leave(): void {
    this._notebook?.deeds.textsChanged.disconnect(this._onTextsChanged, this);
    this._notebook = null;
  }

  private _onTextsChanged(): void {
    this._card?.refresh();
  }
}
