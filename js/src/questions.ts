/** Questions to the kernel that wait for their answers, told apart by a number. */

import { PromiseDelegate } from '@lumino/coreutils';

/** What the kernel answers; its content is checked by who asked. */
export type Answer = Readonly<Record<string, unknown>>;

/** How long a question may wait: a busy kernel without subshells answers when it is idle. */
const PATIENCE = 10_000;

/** The questions that are open. */
export class Questions {
  private readonly _open = new Map<number, PromiseDelegate<Answer>>();
  private _last = 0;

  /**
   * Ask.
   *
   * @param send - sends the question under the number it is given.
   * @throws Error where the kernel refuses, or does not answer.
   */
  async ask(send: (id: number) => Promise<void>): Promise<Answer> {
    const id = ++this._last;
    const question = new PromiseDelegate<Answer>();
    this._open.set(id, question);
    const timer = setTimeout(() => {
      question.reject(new Error('The kernel is busy and does not answer.'));
    }, PATIENCE);
    send(id).catch((error: unknown) => {
      question.reject(error);
    });
    try {
      return await question.promise;
    } finally {
      clearTimeout(timer);
      this._open.delete(id);
    }
  }

  /** Take in an answer; false where nobody asked. */
  answer(data: Answer): boolean {
    const question = this._open.get(typeof data.id === 'number' ? data.id : 0);
    if (data.kind === 'error') {
      question?.reject(new Error(String(data.message)));
    } else {
      question?.resolve(data);
    }
    return question !== undefined;
  }

  /** No answer will come any more. */
  fail(reason: string): void {
    for (const question of this._open.values()) {
      question.reject(new Error(reason));
    }
  }
}
