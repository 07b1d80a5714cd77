/** Joins the buttons of a report to the notebook it is shown in, where there is one. */

import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MimeModel } from '@jupyterlab/rendermime';

import type { ITexts } from '../texts';
import type { ILensNotebook } from '../tokens';
import type { IFindingHost } from './finding';
import type { IFixes } from './fixall';
import type { IProposalHost } from './proposal';
import { cellOfFinding } from './places';

/** Where a report is shown. */
export interface IShown {
  /** The cell whose report it is. */
  readonly cellId: string | null;
  /** The notebook around it; null where it is shown outside of one. */
  readonly notebook: () => ILensNotebook | null;
}

/** The host of a proposal. */
export function proposalHost({ cellId, notebook }: IShown, texts: ITexts): IProposalHost {
  return {
    state: proposal => notebook()?.deeds.state(proposal) ?? 'gone',
    refusal: state =>
      notebook()?.deeds.refusal(state) ?? texts.__('Open the notebook to apply this.'),
    isTrusted: () => notebook()?.deeds.isTrusted(cellId) ?? false,
    apply: async (proposal, run) => {
      await notebook()?.deeds.apply(proposal, run ? (cellId ?? '') : null);
    }
  };
}

/** The fixes of one cell's report; null for those of all. */
export function fixesOf(notebook: () => ILensNotebook | null, cellId: string | null): IFixes {
  return {
    count: () => notebook()?.deeds.plan(cellId).fixes ?? 0,
    applyAll: async () => notebook()?.deeds.applyAll(cellId)
  };
}

/** The host of a report's findings. */
export function findingHost(
  { cellId, notebook }: IShown,
  rendermime: IRenderMimeRegistry,
  texts: ITexts
): IFindingHost {
  const host = proposalHost({ cellId, notebook }, texts);
  return {
    ...host,
    apply: (_, proposal, run) => host.apply(proposal, run),
    compare: async (finding, proposal) => notebook()?.deeds.compare(finding, proposal, cellId),
    isIgnored: finding => notebook()?.deeds.isIgnored(finding, cellId) ?? false,
    ignore: async finding => notebook()?.deeds.ignore(finding, cellId),
    nameOf: finding => {
      const deeds = notebook()?.deeds;
      const target = deeds ? cellOfFinding(finding, deeds.texts, cellId) : cellId;
      return deeds && target !== cellId ? deeds.nameOf(target) : null;
    },
    reveal: async finding => notebook()?.deeds.reveal(finding, cellId),
    explain: async ({ name }) => {
      const link = notebook()?.link;
      if (!link) {
        throw new Error(texts.__('open the notebook and start its kernel.'));
      }
      return renderPage(await link.explain(name), rendermime);
    }
  };
}

/** Draw a rule's page with JupyterLab's own markdown renderer, which sanitises. */
async function renderPage(markdown: string, rendermime: IRenderMimeRegistry): Promise<Node> {
  // It holds nothing but its node, and lives as long.
  // eslint-disable-next-line jupyter/require-disposable-transfer
  const renderer = rendermime.createRenderer('text/markdown');
  await renderer.renderModel(
    new MimeModel({ data: { 'text/markdown': markdown }, trusted: false })
  );
  return renderer.node;
}
