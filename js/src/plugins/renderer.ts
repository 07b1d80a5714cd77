/** Plugin: draws reports in the outputs of cells. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { LensRenderer } from '../cells/renderer';
import { ILensTracker } from '../tokens';
import { COMPARISON_TYPE, MIME_TYPE } from '../tracker';

/** Before `text/html`, which has rank 50. */
const RANK = 10;

export const rendererPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dask-lens:renderer',
  description: 'Draws Dask Lens reports and comparisons below cells, with buttons.',
  autoStart: true,
  requires: [IRenderMimeRegistry, ILensTracker],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    tracker: ILensTracker,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dask_lens');
    rendermime.addFactory(
      {
        safe: true,
        mimeTypes: [MIME_TYPE, COMPARISON_TYPE],
        createRenderer: ({ mimeType }) => new LensRenderer(mimeType, tracker, rendermime, trans)
      },
      RANK
    );
  }
};
