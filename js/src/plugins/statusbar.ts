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
  requires: [ILensTracker, IStatusBar],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: ILensTracker,
    statusBar: IStatusBar,
    translator: ITranslator | null
  ): void => {
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
