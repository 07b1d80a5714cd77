/** Names of our commands, and what they do to the notebook in use. */

import type { CommandRegistry } from '@lumino/commands';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Notification } from '@jupyterlab/apputils';

import { cellOfFinding } from './cells/places';
import { ranked } from './model';
import type { ILensNotebook, ILensTracker } from './tokens';
import type { FindingReport, Proposal } from './wire';

export const CommandIDs = {
  openPanel: 'dask-lens:open-panel',
  loadExtension: 'dask-lens:load-extension',
  nextFinding: 'dask-lens:next-finding',
  applyFix: 'dask-lens:apply-fix',
  applyAndRunFix: 'dask-lens:apply-and-run-fix',
  applyCellFixes: 'dask-lens:apply-cell-fixes',
  applyAllFixes: 'dask-lens:apply-all-fixes',
  ignoreFinding: 'dask-lens:ignore-finding'
} as const;

/** A finding where it is. */
interface IPlaced {
  readonly finding: FindingReport;
  /** The cell whose run was judged. */
  readonly judged: string | null;
  /** The cell it points at. */
  readonly target: string | null;
}

const NO_ARGUMENTS = { args: { type: 'object', properties: {} } } as const;

/** Add the commands that work on the notebook in use. */
export function addCommands(
  commands: CommandRegistry,
  tracker: ILensTracker,
  trans: TranslationBundle
): void {
  commands.addCommand(CommandIDs.loadExtension, {
    label: trans.__('Load dask_lens in the Kernel'),
    describedBy: NO_ARGUMENTS,
    isEnabled: () => tracker.current?.model.connection === 'absent',
    execute: async () => {
      try {
        await tracker.current?.link.load();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        Notification.error(trans.__('dask_lens could not be loaded: %1', reason));
      }
    }
  });
  commands.addCommand(CommandIDs.nextFinding, {
    label: trans.__('Go to the Next Finding'),
    describedBy: NO_ARGUMENTS,
    isEnabled: () => findingsOf(tracker.current).length > 0,
    execute: () => showNext(tracker.current)
  });
  addFixes(commands, tracker, trans);
  commands.addCommand(CommandIDs.ignoreFinding, {
    label: trans.__('Ignore the Finding in This Cell'),
    describedBy: NO_ARGUMENTS,
    isEnabled: () => findingsHere(tracker.current).length > 0,
    execute: async () => {
      const [here] = findingsHere(tracker.current);
      if (here) {
        await tracker.current?.deeds.ignore(here.finding, here.judged);
      }
    }
  });
}

/** The commands that apply one fix, or all of them. */
function addFixes(
  commands: CommandRegistry,
  tracker: ILensTracker,
  trans: TranslationBundle
): void {
  const fixes = [
    { id: CommandIDs.applyFix, label: trans.__('Apply the Fix in This Cell'), run: false },
    {
      id: CommandIDs.applyAndRunFix,
      label: trans.__('Apply the Fix in This Cell and Run'),
      run: true
    }
  ];
  for (const { id, label, run } of fixes) {
    commands.addCommand(id, {
      label,
      describedBy: NO_ARGUMENTS,
      isEnabled: () => fixAtHand(tracker.current) !== null,
      execute: async () => {
        const fix = fixAtHand(tracker.current);
        if (fix) {
          await tracker.current?.deeds.apply(fix.proposal, run ? (fix.judged ?? '') : null);
        }
      }
    });
  }
  const several = [
    {
      id: CommandIDs.applyCellFixes,
      label: trans.__('Apply All Safe Fixes in This Cell'),
      only: () => tracker.current?.panel.content.activeCell?.model.id ?? ''
    },
    {
      id: CommandIDs.applyAllFixes,
      label: trans.__('Apply All Safe Fixes in This Notebook'),
      only: () => null
    }
  ];
  for (const { id, label, only } of several) {
    commands.addCommand(id, {
      label,
      describedBy: NO_ARGUMENTS,
      isEnabled: () => (tracker.current?.deeds.plan(only()).fixes ?? 0) > 0,
      execute: async () => tracker.current?.deeds.applyAll(only())
    });
  }
}

function findingsOf(notebook: ILensNotebook | null): readonly IPlaced[] {
  if (!notebook) {
    return [];
  }
  const { model, deeds } = notebook;
  const texts = deeds.texts;
  return ranked(model.entries).flatMap(({ report, cellId }) =>
    report.findings
      .filter(finding => !deeds.isIgnored(finding, cellId))
      .map(finding => ({ finding, judged: cellId, target: cellOfFinding(finding, texts, cellId) }))
  );
}

function findingsHere(notebook: ILensNotebook | null): readonly IPlaced[] {
  const active = notebook?.panel.content.activeCell?.model.id;
  return findingsOf(notebook).filter(({ target }) => target !== null && target === active);
}

/** The best fix of the active cell that needs no look before it is applied. */
function fixAtHand(
  notebook: ILensNotebook | null
): { readonly proposal: Proposal; readonly judged: string | null } | null {
  for (const { finding, judged } of findingsHere(notebook)) {
    for (const proposal of finding.proposals) {
      const isReady = notebook?.deeds.state(proposal) === 'ready';
      if (proposal.safety === 'same' && isReady && notebook.deeds.isTrusted(judged)) {
        return { proposal, judged };
      }
    }
  }
  return null;
}

/** Show the finding after the active cell, in the order of the notebook, round and round. */
async function showNext(notebook: ILensNotebook | null): Promise<void> {
  const findings = findingsOf(notebook);
  if (!notebook || findings.length === 0) {
    return;
  }
  const order = [...notebook.deeds.texts.keys()];
  const place = ({ finding, target }: IPlaced): number =>
    order.indexOf(target ?? '') * 1e6 + (finding.line ?? 0);
  const sorted = [...findings].sort((a, b) => place(a) - place(b));
  const { activeCell, activeCellIndex } = notebook.panel.content;
  const line = (activeCell?.editor?.getCursorPosition().line ?? -1) + 1;
  const here = activeCellIndex * 1e6 + line;
  const next = sorted.find(item => place(item) > here) ?? sorted[0];
  if (next) {
    await notebook.deeds.reveal(next.finding, next.judged);
  }
}
