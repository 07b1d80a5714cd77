import { describe, expect, it } from 'vitest';

import { ConnectionView } from '../src/panel/connection';
import { english } from '../src/texts';
import type { ILensNotebook } from '../src/tokens';

function said(model: object): string | null {
  const view = new ConnectionView(english);
  const known = { connection: 'on', entries: [], comparisons: [], isRunning: false, ...model };
  view.update({ model: known } as unknown as ILensNotebook);
  return view.node.textContent;
}

describe('before the first report the panel', () => {
  it('is silent while something runs', () => {
    expect(said({ isRunning: true })).toBe('');
  });

  it('says that no cell has used Dask', () => {
    expect(said({})).toContain('No cell has used Dask yet');
  });

  it('does not say so after a comparison', () => {
    expect(said({ comparisons: [{}] })).toContain('Only comparisons have used Dask');
  });
});
