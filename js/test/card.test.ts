import { describe, expect, it, vi } from 'vitest';

import { ReportCard } from '../src/cells/card';
import { diffLines, diffView } from '../src/cells/diff';
import type { FixState } from '../src/cells/fixes';
import type { IFixes } from '../src/cells/fixall';
import type { IFindingHost } from '../src/cells/finding';
import { english } from '../src/texts';
import { finding, proposal, report } from './reports';

const HOSTILE = '<img src=x onerror=alert(1)>';

function host(changes: Partial<IFindingHost & IFixes> = {}): IFindingHost & IFixes {
  return {
    count: () => 0,
    applyAll: () => Promise.resolve(),
    state: () => 'ready',
    refusal: state => (state === 'ready' ? '' : `because ${state}`),
    isTrusted: () => true,
    apply: () => Promise.resolve(),
    compare: () => Promise.resolve(),
    isIgnored: () => false,
    ignore: () => Promise.resolve(),
    nameOf: () => null,
    reveal: () => Promise.resolve(),
    explain: () => Promise.resolve(document.createElement('p')),
    ...changes
  };
}

function button(card: ReportCard, name: string): HTMLButtonElement {
  const found = [...card.node.querySelectorAll('button')].find(one => one.textContent === name);
  if (!found) {
    throw new Error(`no button ${name}`);
  }
  return found;
}

describe('a report', () => {
  it('says what limits the run', () => {
    const limit = '3.9 of 4.0 s: two sleeps ran one after the other.';
    const card = new ReportCard(report({ limit }), host(), english);
    expect(card.node.querySelector('.dask-lens-Card-limit')?.textContent).toContain(limit);
    const silent = new ReportCard(report(), host(), english);
    expect(silent.node.querySelector('.dask-lens-Card-limit')).toBeNull();
  });

  it('offers all safe fixes at once only where there are several', () => {
    let count = 1;
    const applyAll = vi.fn(() => Promise.resolve());
    const card = new ReportCard(report(), host({ count: () => count, applyAll }), english);
    const row = card.node.querySelector<HTMLElement>('.dask-lens-FixAll');
    expect(row?.hidden).toBe(true);
    count = 2;
    card.refresh();
    expect(row?.hidden).toBe(false);
    button(card, 'Apply all 2 safe fixes').click();
    expect(applyAll).toHaveBeenCalledOnce();
  });

  it('says what a proposal would bring, or why that is not known', () => {
    const told = (changes: Parameters<typeof proposal>[0]): string | null | undefined => {
      const shown = report({ findings: [finding({ proposals: [proposal(changes)] })] });
      const { node } = new ReportCard(shown, host(), english);
      return node.querySelector('.dask-lens-Proposal-estimate')?.textContent;
    };
    expect(told({})).toContain('predicted 1.5');
    expect(told({ estimate: null, unpredicted: HOSTILE })).toBe(`no estimate: ${HOSTILE}`);
    expect(told({ estimate: null, unpredicted: null })).toBeUndefined();
  });

  it('shows hostile text as text', () => {
    const evil = finding({
      name: HOSTILE,
      message: HOSTILE,
      advice: HOSTILE,
      kind: HOSTILE,
      evidence: { [HOSTILE]: HOSTILE },
      proposals: [
        proposal({
          title: HOSTILE,
          edits: [{ cell_id: null, cell: null, before: HOSTILE, after: '' }]
        })
      ],
      untouched: [{ name: HOSTILE, reason: HOSTILE }]
    });
    const shown = report({
      headline: HOSTILE,
      findings: [evil],
      not_judged: [{ name: HOSTILE, reason: HOSTILE }]
    });
    const card = new ReportCard(shown, host(), english);
    expect(card.node.querySelector('img')).toBeNull();
    expect(card.node.textContent).toContain(HOSTILE);
  });

  it('says that it could not look, apart from what it found', () => {
    const not_judged = [{ name: 'gil-bound-threads', reason: 'no CPU time' }];
    const card = new ReportCard(report({ findings: [], not_judged }), host(), english);
    expect(card.node.querySelector('.dask-lens-Finding')).toBeNull();
    expect(card.node.querySelector('details')?.textContent).toContain('Could not look (1)');
  });

  it('says how sure a finding is that was only read from the source', () => {
    const likely = finding({ certainty: 'likely', cost: null });
    const card = new ReportCard(report({ findings: [likely] }), host(), english);
    expect(card.node.textContent).toContain('likely, not measured');
  });
});

describe('Apply', () => {
  it('is disabled, with the reason, where the cell no longer holds what was judged', () => {
    let state: FixState = 'ready';
    const card = new ReportCard(report(), host({ state: () => state }), english);
    expect(button(card, 'Apply').disabled).toBe(false);
    state = 'edited';
    card.refresh();
    expect(button(card, 'Apply and run').disabled).toBe(true);
    expect(button(card, 'Apply and run').title).toBe('because edited');
  });

  it('applies at once what leaves the values alone', () => {
    const apply = vi.fn(() => Promise.resolve());
    const card = new ReportCard(report(), host({ apply }), english);
    button(card, 'Apply and run').click();
    expect(apply).toHaveBeenCalledWith(expect.anything(), expect.anything(), true);
  });

  it.each([
    ['what may change the values', 'ask', true],
    ['anything in a notebook that is not trusted', 'same', false]
  ])('shows the change first for %s', (_, safety, isTrusted) => {
    const apply = vi.fn(() => Promise.resolve());
    const shown = report({ findings: [finding({ proposals: [proposal({ safety })] })] });
    const card = new ReportCard(shown, host({ apply, isTrusted: () => isTrusted }), english);
    button(card, 'Apply').click();
    expect(apply).not.toHaveBeenCalled();
    expect(card.node.querySelector('.dask-lens-Proposal details')).toHaveProperty('open', true);
    button(card, 'Confirm').click();
    expect(apply).toHaveBeenCalledOnce();
  });

  it('can be given up', () => {
    const apply = vi.fn(() => Promise.resolve());
    const shown = report({ findings: [finding({ proposals: [proposal({ safety: 'ask' })] })] });
    const card = new ReportCard(shown, host({ apply }), english);
    button(card, 'Apply').click();
    button(card, 'Cancel').click();
    expect(() => button(card, 'Confirm')).toThrow();
    expect(apply).not.toHaveBeenCalled();
  });

  it('is not there for a tip', () => {
    const tip = proposal({ safety: 'tip', edits: [] });
    const shown = report({ findings: [finding({ proposals: [tip] })] });
    const card = new ReportCard(shown, host(), english);
    expect(() => button(card, 'Apply')).toThrow();
    expect(card.node.textContent).toContain(tip.title);
  });
});

describe('Why?', () => {
  it('shows the page, and hides it again', async () => {
    const page = document.createElement('p');
    const explain = (): Promise<Node> => Promise.resolve(page);
    const card = new ReportCard(report(), host({ explain }), english);
    button(card, 'Why?').click();
    await vi.waitFor(() => {
      expect(page.isConnected || card.node.contains(page)).toBe(true);
    });
    button(card, 'Why?').click();
    expect(button(card, 'Why?').getAttribute('aria-expanded')).toBe('false');
  });

  it('says why there is none', async () => {
    const explain = (): Promise<Node> => Promise.reject(new Error('no kernel'));
    const card = new ReportCard(report(), host({ explain }), english);
    button(card, 'Why?').click();
    await vi.waitFor(() => {
      expect(card.node.textContent).toContain('No page: no kernel');
    });
  });
});

describe('a diff', () => {
  it('of equal texts has no changes', () => {
    expect(diffLines('a\nb', 'a\nb').every(({ sign }) => sign === ' ')).toBe(true);
  });

  it('shows what goes before what comes', () => {
    const lines = diffLines('a\nb\nc', 'a\nB\nc').map(({ sign, text }) => sign + text);
    expect(lines).toEqual([' a', '-b', '+B', ' c']);
  });

  it('leaves out what is far from a change', () => {
    const far = Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n');
    expect(diffView(far, `${far}!`).textContent).toBe(
      '⋯\n  line 17\n  line 18\n- line 19\n+ line 19!\n'
    );
  });
});
