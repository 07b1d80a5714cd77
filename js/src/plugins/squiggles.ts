/** Plugin: marks in the editors of cells. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ISharedCell, ISharedText } from '@jupyter/ydoc';

import { marksOf } from '../cells/marks';
import { squiggles } from '../cells/squiggles';
import { ILensTracker } from '../tokens';

export const squigglesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dask-lens:squiggles',
  description: 'Underlines the code that a finding speaks of.',
  autoStart: true,
  requires: [ILensTracker, IEditorExtensionRegistry],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    tracker: ILensTracker,
    registry: IEditorExtensionRegistry,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dask_lens');
    registry.addExtension({
      name: 'dask-lens:squiggles',
      factory: ({ model }) =>
        isCodeCell(model.sharedModel)
          ? EditorExtensionRegistry.createImmutableExtension(
              squiggles(marksOf(model.sharedModel, tracker, trans))
            )
          : null
    });
  }
};

function isCodeCell(shared: ISharedText): shared is ISharedText & ISharedCell {
  return 'cell_type' in shared && shared.cell_type === 'code';
}
