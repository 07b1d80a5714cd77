/** The marks of one cell, from what its notebook knows. */

import type { ISharedCell } from '@jupyter/ydoc';

import { html } from '../dom';
import type { ITexts } from '../texts';
import type { ILensNotebook, ILensTracker } from '../tokens';
import { unbroken } from '../unbroken';
import type { FindingReport } from '../wire';
import { kindLabel } from './finding';
import { cellOfFinding } from './places';
import type { IMark, IMarkSource } from './squiggles';

/** The source of a cell's marks; the cell may be put into its notebook later. */
export function marksOf(cell: ISharedCell, tracker: ILensTracker, texts: ITexts): IMarkSource {
  const notebook = (): ILensNotebook | undefined =>
    tracker.notebooks.find(({ panel }) => panel.model?.sharedModel === cell.notebook);
  return {
    marks: () => {
      const home = notebook();
      return home ? findMarks(cell.getId(), home, texts) : [];
    },
    watch: changed => watch(cell, tracker, changed)
  };
}

function watch(cell: ISharedCell, tracker: ILensTracker, changed: () => void): () => void {
  const join = ({ panel, model }: ILensNotebook): void => {
    if (panel.model?.sharedModel === cell.notebook) {
      model.reportsChanged.connect(changed);
      changed();
    }
  };
  const onAdded = (_: ILensTracker, notebook: ILensNotebook): void => {
    void notebook.panel.context.ready.then(() => {
      join(notebook);
    });
  };
  tracker.notebooks.forEach(join);
  tracker.added.connect(onAdded);
  return () => {
    tracker.added.disconnect(onAdded);
    for (const { model } of tracker.notebooks) {
      model.reportsChanged.disconnect(changed);
    }
  };
}

function findMarks(cellId: string, notebook: ILensNotebook, texts: ITexts): readonly IMark[] {
  const { deeds, model } = notebook;
  return model.entries.flatMap(entry => {
    const judged = entry.texts.get(cellId);
    if (judged === undefined) {
      return [];
    }
    return entry.report.findings
      .filter(finding => cellOfFinding(finding, entry.texts, entry.cellId) === cellId)
      .filter(finding => !deeds.isIgnored(finding, entry.cellId))
      .map(finding => ({
        finding,
        judged,
        render: () => tooltip(finding, texts, fixButtons(finding, entry.cellId, notebook, texts))
      }));
  });
}

function tooltip(
  finding: FindingReport,
  texts: ITexts,
  buttons: readonly HTMLElement[]
): HTMLElement {
  const { kind, name, code, message, advice } = finding;
  return html(
    'div',
    { class: 'dask-lens-Tooltip' },
    html(
      'div',
      { class: 'dask-lens-Tooltip-head' },
      html('span', { class: 'dask-lens-Finding-kind' }, kindLabel(kind, texts)),
      html('span', { class: 'dask-lens-Finding-name' }, name),
      html('span', { class: 'dask-lens-Finding-code' }, code)
    ),
    html('p', {}, ...unbroken(message)),
    html('p', { class: 'dask-lens-Finding-advice' }, advice),
    buttons.length > 0 ? html('div', { class: 'dask-lens-Tooltip-buttons' }, ...buttons) : null
  );
}

/** One-click fixes that fit: what has to be seen before it is confirmed is left to the card. */
function fixButtons(
  finding: FindingReport,
  cellId: string | null,
  { deeds }: ILensNotebook,
  texts: ITexts
): readonly HTMLElement[] {
  const best = finding.proposals.find(({ safety }) => safety === 'same');
  if (!best || deeds.state(best) !== 'ready' || !deeds.isTrusted(cellId)) {
    return [];
  }
  const button = (label: string, run: boolean): HTMLElement =>
    html(
      'button',
      {
        type: 'button',
        class: `dask-lens-Button${run ? ' dask-lens-mod-primary' : ''}`,
        title: best.title,
        on: { click: () => void deeds.apply(best, run ? (cellId ?? '') : null) }
      },
      label
    );
  return [button(texts.__('Apply'), false), button(texts.__('Apply and run'), true)];
}
