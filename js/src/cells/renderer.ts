/** Draws a report, or a comparison, where it is a cell's output. */

import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { html } from '../dom';
import { readComparison, readReport } from '../reading';
import type { ITexts } from '../texts';
import type { ILensNotebook, ILensTracker } from '../tokens';
import { ReportCard } from './card';
import { ComparisonView } from './comparison';
import type { IShown } from './host';
import { findingHost, fixesOf, proposalHost } from './host';

/** What an output holds, drawn. */
interface IView {
  readonly node: HTMLElement;
  /** Look again at the notebook. */
  refresh(): void;
}

/** The renderer of one output. */
export class LensRenderer extends Widget implements IRenderMime.IRenderer {
  private readonly _mimeType: string;
  private readonly _tracker: ILensTracker;
  private readonly _rendermime: IRenderMimeRegistry;
  private readonly _texts: ITexts;
  private _data: unknown = null;
  private _card: IView | null = null;
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
    this._notebook =
      this._tracker.notebooks.find(({ panel }) => panel.node.contains(this.node)) ?? null;
    this._card = this._view();
    if (!this._card) {
      const text = this._texts.__('This report was written by another version of dask-lens.');
      this.node.replaceChildren(html('p', { class: 'dask-lens-Output-unreadable' }, text));
      return;
    }
    this.node.replaceChildren(this._card.node);
    this._notebook?.deeds.textsChanged.connect(this._onTextsChanged, this);
  }

  private _view(): IView | null {
    const cell = this._notebook?.panel.content.widgets.find(({ node }) =>
      node.contains(this.node)
    );
    const shown = (cellId: string | null): IShown => ({
      cellId: cell?.model.id ?? cellId,
      notebook: () => this._notebook
    });
    const comparison = readComparison(this._data);
    if (comparison) {
      return new ComparisonView(comparison, proposalHost(shown(null), this._texts), this._texts);
    }
    const report = readReport(this._data);
    if (!report) {
      return null;
    }
    const place = shown(report.cell.cell_id);
    const host = findingHost(place, this._rendermime, this._texts);
    const fixes = fixesOf(place.notebook, place.cellId ?? '');
    return new ReportCard(report, { ...host, ...fixes }, this._texts);
  }

  private _leave(): void {
    this._notebook?.deeds.textsChanged.disconnect(this._onTextsChanged, this);
    this._notebook = null;
  }

  private _onTextsChanged(): void {
    this._card?.refresh();
  }
}
