/** What our plugins give each other. */

import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { KernelLink } from './comm';
import type { NotebookModel } from './model';
import type { Deeds } from './cells/deeds';

/** One open notebook, what is known of it, and what can be done to it. */
export interface ILensNotebook {
  readonly panel: NotebookPanel;
  readonly model: NotebookModel;
  readonly link: KernelLink;
  readonly deeds: Deeds;
}

/** The open notebooks. */
export interface ILensTracker {
  /** The notebook in use; null where there is none. */
  readonly current: ILensNotebook | null;
  /** Emitted when another notebook came into use. */
  readonly currentChanged: ISignal<ILensTracker, ILensNotebook | null>;
  /** Emitted when a notebook was opened. */
  readonly added: ISignal<ILensTracker, ILensNotebook>;
  /** Every open notebook. */
  readonly notebooks: readonly ILensNotebook[];
}

/** The open notebooks. */
export const ILensTracker = new Token<ILensTracker>(
  'dask-lens:ILensTracker',
  'The open notebooks with what Dask Lens knows of them.'
);
