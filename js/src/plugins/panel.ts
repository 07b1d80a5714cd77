/** Plugin: the panel in the right sidebar. */

import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { lensIcon } from '../icon';
import { LensPanel } from '../panel/panel';
import { ILensTracker } from '../tokens';

const PANEL_ID = 'dask-lens-panel';
const RANK = 900;

export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dask-lens:panel',
  description: 'Shows the gauge and the findings of the notebook in the sidebar.',
  autoStart: true,
  requires: [ILensTracker, IRenderMimeRegistry],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracker: ILensTracker,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dask_lens');
    const panel = new LensPanel(tracker, rendermime, trans);
    panel.id = PANEL_ID;
    panel.title.icon = lensIcon;
    panel.title.caption = trans.__('Dask Lens');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Dask Lens'));
    app.shell.add(panel, 'right', { rank: RANK, type: 'Dask Lens' });
    restorer?.add(panel, PANEL_ID);
    app.commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Show the Dask Lens Panel'),
      icon: lensIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        app.shell.activateById(PANEL_ID);
      }
    });
    palette?.addItem({ command: CommandIDs.openPanel, category: trans.__('Dask Lens') });
  }
};
