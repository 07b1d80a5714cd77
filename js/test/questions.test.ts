import { describe, expect, it, vi } from 'vitest';

import { Questions } from '../src/questions';

describe('a question', () => {
  it('gets the answer that has its number', async () => {
    const questions = new Questions();
    const sent: number[] = [];
    const ask = (): Promise<unknown> =>
      questions.ask(id => {
        sent.push(id);
        return Promise.resolve();
      });
    const [first, second] = [ask(), ask()];
    expect(questions.answer({ id: sent[1], kind: 'page', markdown: 'two' })).toBe(true);
    expect(questions.answer({ id: sent[0], kind: 'page', markdown: 'one' })).toBe(true);
    expect(await first).toMatchObject({ markdown: 'one' });
    expect(await second).toMatchObject({ markdown: 'two' });
  });

  it('leaves alone what nobody asked for', () => {
    expect(new Questions().answer({ kind: 'report', id: null })).toBe(false);
  });

  it('fails with the words of the kernel', async () => {
    const questions = new Questions();
    const asked = questions.ask(() => Promise.resolve());
    questions.answer({ id: 1, kind: 'error', message: 'no such rule' });
    await expect(asked).rejects.toThrow('no such rule');
  });

  it('fails where it cannot be sent, and where the kernel is gone', async () => {
    const questions = new Questions();
    await expect(questions.ask(() => Promise.reject(new Error('no comm')))).rejects.toThrow(
      'no comm'
    );
    const asked = questions.ask(() => Promise.resolve());
    questions.fail('The kernel was replaced.');
    await expect(asked).rejects.toThrow('replaced');
  });

  it('waits for a busy kernel, but not for ever', async () => {
    vi.useFakeTimers();
    const asked = new Questions().ask(() => Promise.resolve());
    const failed = expect(asked).rejects.toThrow('busy');
    await vi.advanceTimersByTimeAsync(10_000);
    await failed;
    vi.useRealTimers();
  });
});
