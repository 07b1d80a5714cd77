/** Plugin: parallelism and the number of findings in the status bar. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { StatusItem } from '../panel/statusitem';
import { ILensTracker } from '../tokens';

export const statusBarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dask-lens:status-bar',
  description: 'Shows parallelism and the number of findings in the status bar.',
  autoStart: true,
  requires: [ILensTracker],
  optional: [ITranslator, IStatusBar], // Notebook 7 has no status bar
  activate: (
    app: JupyterFrontEnd,
    tracker: ILensTracker,
    translator: ITranslator | null,
    statusBar: IStatusBar | null
  ): void => {
    if (!statusBar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('dask_lens');
    const item = new StatusItem(tracker, trans, () => {
      void app.commands.execute(CommandIDs.openPanel);
    });
    statusBar.registerStatusItem('dask-lens:status-bar', {
      item,
      align: 'right',
      rank: 900,
      isActive: () => item.isActive,
      activeStateChanged: item.activeStateChanged
    });
  }
};
