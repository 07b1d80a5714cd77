/** The panel "Dask Lens": gauge, findings by cell, and what stands in the way of either. */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { FixAllView } from '../cells/fixall';
import { fixesOf } from '../cells/host';
import { GaugeView } from '../charts/gauge';
import { html } from '../dom';
import type { IEntry } from '../model';
import { clean, ranked } from '../model';
import type { ITexts } from '../texts';
import type { ILensNotebook, ILensTracker } from '../tokens';
import { CellSection } from './cellsection';
import { comparisonList } from './comparisons';
import { ConnectionView } from './connection';
import { unjudged } from './lists';

/** The panel; it follows the notebook in use. */
export class LensPanel extends Widget {
  private readonly _tracker: ILensTracker;
  private readonly _rendermime: IRenderMimeRegistry;
  private readonly _texts: ITexts;
  private readonly _gauge: GaugeView;
  private readonly _connection: ConnectionView;
  private readonly _fixAll: FixAllView;
  private readonly _findings = html('div', { class: 'dask-lens-Panel-findings' });
  private readonly _clean = html('div', { class: 'dask-lens-Panel-clean' });
  private readonly _comparisons = html('div', { class: 'dask-lens-Panel-comparisons' });
  private readonly _rest = html('div', { class: 'dask-lens-Panel-rest' });
  private readonly _title: HTMLElement;
  private _notebook: ILensNotebook | null = null;
  private _sections = new Map<IEntry, CellSection>();
  /** The entry whose run was opened without being asked for. */
  private _opened: IEntry | null = null;
  private _wasRunning = false;

  constructor(tracker: ILensTracker, rendermime: IRenderMimeRegistry, texts: ITexts) {
    super();
    this._tracker = tracker;
    this._rendermime = rendermime;
    this._texts = texts;
    this._gauge = new GaugeView(texts);
    this._connection = new ConnectionView(texts);
    this._fixAll = new FixAllView(
      fixesOf(() => this._notebook, null),
      texts
    );
    this._title = html('div', { class: 'dask-lens-Panel-title' });
    this.addClass('dask-lens-Panel');
    this.node.append(
      html('h2', { class: 'dask-lens-Panel-heading' }, texts.__('Dask Lens')),
      this._title,
      this._gauge.node,
      this._connection.node,
      this._fixAll.node,
      this._findings,
      this._clean,
      this._comparisons,
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

  protected override onAfterShow(_: Message): void {
    this._refresh(); // what was not asked for while nobody could see it
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
      notebook.model.comparisonsChanged.connect(this._drawComparisons, this);
      notebook.deeds.textsChanged.connect(this._onTextsChanged, this);
      notebook.panel.title.changed.connect(this._drawTitle, this);
    }
    this._drawTitle();
    this._gauge.node.hidden = notebook === null;
    this._drawGauge();
    this._drawConnection();
    this._drawReports();
    this._drawComparisons();
  }

  private _leave(): void {
    if (this._notebook) {
      const { model, deeds } = this._notebook;
      model.gaugeChanged.disconnect(this._drawGauge, this);
      model.connectionChanged.disconnect(this._drawConnection, this);
      model.reportsChanged.disconnect(this._drawReports, this);
      model.comparisonsChanged.disconnect(this._drawComparisons, this);
      deeds.textsChanged.disconnect(this._onTextsChanged, this);
      this._notebook.panel.title.changed.disconnect(this._drawTitle, this);
      this._notebook = null;
    }
  }

  /** The notebook's name, which may change. */
  private _drawTitle(): void {
    const name = this._notebook?.panel.title.label ?? '';
    this._title.textContent = name;
    this._title.title = name;
  }

  private _drawGauge(): void {
    const model = this._notebook?.model;
    if (model) {
      this._gauge.update(model.gauge);
      if (model.isRunning !== this._wasRunning) {
        this._wasRunning = model.isRunning;
        this._drawConnection();
      }
    }
  }

  private _drawComparisons(): void {
    const list = comparisonList(this._notebook?.model.comparisons ?? [], this._texts);
    this._comparisons.replaceChildren(...(list ? [list] : []));
    this._drawConnection();
  }

  private _drawConnection(): void {
    this._connection.update(this._notebook);
  }

  private _drawReports(): void {
    const entries = this._presentEntries();
    const [found, rest] = [ranked(entries), clean(entries)];
    const sections = new Map<IEntry, CellSection>();
    for (const entry of [...found, ...rest]) {
      sections.set(entry, this._sections.get(entry) ?? this._section(entry));
    }
    this._sections = sections;
    this._openLatest();
    const nodes = (some: readonly IEntry[]): readonly HTMLElement[] =>
      some.map(entry => sections.get(entry)?.node).filter(node => node !== undefined);
    const heading = html(
      'h3',
      { class: 'dask-lens-Panel-section' },
      this._texts.__('Nothing found')
    );
    this._findings.replaceChildren(...nodes(found));
    this._clean.replaceChildren(...(rest.length > 0 ? [heading, ...nodes(rest)] : []));
    const list = this._notebook && unjudged(entries, this._notebook, this._texts);
    this._rest.replaceChildren(...(list ? [list] : []));
    this._refresh();
    this._drawConnection();
  }

  private _section(entry: IEntry): CellSection {
    const notebook = this._notebook;
    const host = {
      notebook: () => notebook,
      rendermime: this._rendermime,
      isVisible: () => this.isVisible
    };
    const section = new CellSection(entry, host, this._texts);
    for (const [known, earlier] of this._sections) {
      if (known.cellId === entry.cellId) {
        section.isOpen = earlier.isOpen;
      }
    }
    return section;
  }

  /** Of the cell that ran last it shows how it ran, until another has. */
  private _openLatest(): void {
    const latest = this._notebook?.model.latest ?? null;
    const section = latest && this._sections.get(latest);
    if (!section || latest === this._opened) {
      return;
    }
    const before = this._opened?.cellId;
    for (const [entry, other] of this._sections) {
      if (entry.cellId === before && entry.cellId !== latest.cellId) {
        other.isOpen = false;
      }
    }
    section.isOpen = true;
    this._opened = latest;
  }

  private _refresh(): void {
    this._fixAll.refresh();
    for (const section of this._sections.values()) {
      section.refresh();
    }
  }

  private _onTextsChanged(): void {
    const entries = this._presentEntries();
    if (ranked(entries).length + clean(entries).length !== this._sections.size) {
      this._drawReports(); // a cell was deleted, or came back
    } else {
      this._refresh();
    }
  }

  /** What is known of cells that are still there. */
  private _presentEntries(): readonly IEntry[] {
    const texts = this._notebook?.deeds.texts;
    const entries = this._notebook?.model.entries ?? [];
    return entries.filter(({ cellId }) => cellId === null || texts?.has(cellId));
  }
}
