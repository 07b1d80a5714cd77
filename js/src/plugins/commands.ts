/** Plugin: commands in the palette. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs, addCommands } from '../commands';
import { ILensTracker } from '../tokens';

export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dask-lens:commands',
  description: 'Adds the Dask Lens commands.',
  autoStart: true,
  requires: [ILensTracker],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracker: ILensTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dask_lens');
    addCommands(app.commands, tracker, trans);
    const { openPanel, ...here } = CommandIDs;
    for (const command of Object.values(here)) {
      palette?.addItem({ command, category: trans.__('Dask Lens') });
    }
  }
};
