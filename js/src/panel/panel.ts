/** The panel "Dask Lens": gauge, findings by cell, and what stands in the way of either. */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

import { GaugeView } from '../charts/gauge';
import { html } from '../dom';
import type { IEntry } from '../model';
import { ranked } from '../model';
import type { ITexts } from '../texts';
import type { ILensNotebook, ILensTracker } from '../tokens';
import { CellSection } from './cellsection';
import { ConnectionView } from './connection';
import { otherCells, unjudged } from './lists';

/** The panel; it follows the notebook in use. */
export class LensPanel extends Widget {
  private readonly _tracker: ILensTracker;
  private readonly _rendermime: IRenderMimeRegistry;
  private readonly _texts: ITexts;
  private readonly _gauge: GaugeView;
  private readonly _connection: ConnectionView;
  private readonly _findings = html('div', { class: 'dask-lens-Panel-findings' });
  private readonly _rest = html('div', { class: 'dask-lens-Panel-rest' });
  private readonly _title: HTMLElement;
  private _notebook: ILensNotebook | null = null;
  private _sections = new Map<IEntry, CellSection>();

  constructor(tracker: ILensTracker, rendermime: IRenderMimeRegistry, texts: ITexts) {
    super();
    this._tracker = tracker;
    this._rendermime = rendermime;
    this._texts = texts;
    this._gauge = new GaugeView(texts);
    this._connection = new ConnectionView(texts);
    this._title = html('div', { class: 'dask-lens-Panel-title' });
    this.addClass('dask-lens-Panel');
    this.node.append(
      html('h2', { class: 'dask-lens-Panel-heading' }, texts.__('Dask Lens')),
      this._title,
      this._gauge.node,
      this._connection.node,
      this._findings,
      this._rest
    );
    tracker.currentChanged.connect(this._onCurrentChanged, this);
    this._onCurrentChanged(tracker, tracker.current);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._tracker.currentChanged.disconnect(this._onCurrentChanged, this);
      this._leave();
      super.dispose();
    }
  }

  private _onCurrentChanged(_: ILensTracker, notebook: ILensNotebook | null): void {
    if (notebook === this._notebook && notebook !== null) {
      return;
    }
    this._leave();
    this._notebook = notebook;
    if (notebook) {
      notebook.model.gaugeChanged.connect(this._drawGauge, this);
      notebook.model.connectionChanged.connect(this._drawConnection, this);
      notebook.model.reportsChanged.connect(this._drawReports, this);
      notebook.deeds.textsChanged.connect(this._onTextsChanged, this);
    }
    this._title.textContent = notebook?.panel.title.label ?? '';
    this._gauge.node.hidden = notebook === null;
    this._drawGauge();
    this._drawConnection();
    this._drawReports();
  }

  private _leave(): void {
    if (this._notebook) {
      const { model, deeds } = this._notebook;
      model.gaugeChanged.disconnect(this._drawGauge, this);
      model.connectionChanged.disconnect(this._drawConnection, this);
      model.reportsChanged.disconnect(this._drawReports, this);
      deeds.textsChanged.disconnect(this._onTextsChanged, this);
      this._notebook = null;
    }
  }

  private _drawGauge(): void {
    if (this._notebook) {
      this._gauge.update(this._notebook.model.gauge);
    }
  }

  private _drawConnection(): void {
    this._connection.update(this._notebook);
  }

  private _drawReports(): void {
    const entries = this._presentEntries();
    const sections = new Map<IEntry, CellSection>();
    for (const entry of ranked(entries)) {
      const notebook = this._notebook;
      const section =
        this._sections.get(entry) ??
        new CellSection(entry, () => notebook, this._rendermime, this._texts);
      section.refresh();
      sections.set(entry, section);
    }
    this._sections = sections;
    this._findings.replaceChildren(...[...sections.values()].map(({ node }) => node));
    this._drawRest(entries);
    this._drawConnection();
  }

  private _drawRest(entries: readonly IEntry[]): void {
    const notebook = this._notebook;
    const parts = notebook
      ? [otherCells(entries, notebook, this._texts), unjudged(entries, notebook, this._texts)]
      : [];
    this._rest.replaceChildren(...parts.filter(part => part !== null));
  }

  private _onTextsChanged(): void {
    const shown = new Set(this._sections.keys());
    const due = ranked(this._presentEntries());
    if (due.length !== shown.size) {
      this._drawReports(); // a cell was deleted, or came back
      return;
    }
    for (const section of this._sections.values()) {
      section.refresh();
    }
  }

  /** What is known of cells that are still there. */
  private _presentEntries(): readonly IEntry[] {
    const texts = this._notebook?.deeds.texts;
    const entries = this._notebook?.model.entries ?? [];
    return entries.filter(({ cellId }) => cellId === null || texts?.has(cellId));
  }
}
