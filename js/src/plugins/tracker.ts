/** Plugin: knows the open notebooks and talks to their kernels. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ILensTracker } from '../tokens';
import { LensTracker } from '../tracker';

export const trackerPlugin: JupyterFrontEndPlugin<ILensTracker> = {
  id: 'dask-lens:tracker',
  description: 'Keeps what Dask Lens knows of each open notebook.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator],
  provides: ILensTracker,
  activate: (
    _: JupyterFrontEnd,
    notebooks: INotebookTracker,
    translator: ITranslator | null
  ): ILensTracker => new LensTracker(notebooks, (translator ?? nullTranslator).load('dask_lens'))
};
