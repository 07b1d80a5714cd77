/** The only place that touches a kernel: listens to what it tells, and asks. */

import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Connection } from './model';
import { Questions } from './questions';
import type { Answer } from './questions';
import { isRecord, read } from './reading';
import type { CellReference, Lanes, Speedup } from './wire';

/** What the kernel tells; its content is checked by who uses it. */
export type Message =
  | { readonly kind: 'report'; readonly content: unknown; readonly sequence: number }
  | { readonly kind: 'gauge'; readonly content: unknown }
  | { readonly kind: 'comparison'; readonly content: unknown };

/** Identifier of the comm on which the kernel tells; nobody opens it. */
const COMM_ID = 'dask-lens';
/** Target of the comm that the page opens to ask. */
const TARGET = 'dask_lens.page';
const LOAD = '%load_ext dask_lens';
/** One notebook's line to its kernel; survives restarts, reconnections and new kernels. */
export class KernelLink implements IDisposable {
  private readonly _context: ISessionContext;
  private _comm: Kernel.IComm | null = null;
  private _greeted: Kernel.IKernelConnection | null = null;
  /** The kernel that has loaded the extension, whether or not it observes. */
  private _loadedIn: Kernel.IKernelConnection | null = null;
  private readonly _questions = new Questions();
  private _isDisposed = false;
  private readonly _told = new Signal<this, Message>(this);
  private readonly _connectionChanged = new Signal<this, Connection>(this);
  private readonly _kernelReplaced = new Signal<this, void>(this);

  constructor(context: ISessionContext) {
    this._context = context;
    context.iopubMessage.connect(this._onIopub, this);
    context.kernelChanged.connect(this._onKernelChanged, this);
    context.statusChanged.connect(this._onStatusChanged, this);
    context.connectionStatusChanged.connect(this._onReconnected, this);
    // A comm left open costs the kernel a thread for each reload of the page.
    window.addEventListener('pagehide', this._hangUp);
    void context.ready.then(() => this._greet());
  }

  /** Emitted when the kernel told something. */
  get told(): ISignal<this, Message> {
    return this._told;
  }

  /** Emitted when it became known whether the kernel talks to us. */
  get connectionChanged(): ISignal<this, Connection> {
    return this._connectionChanged;
  }

  /** Emitted when another process took the kernel's place. */
  get kernelReplaced(): ISignal<this, void> {
    return this._kernelReplaced;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    window.removeEventListener('pagehide', this._hangUp);
    this._hangUp();
    this._context.iopubMessage.disconnect(this._onIopub, this);
    this._context.kernelChanged.disconnect(this._onKernelChanged, this);
    this._context.statusChanged.disconnect(this._onStatusChanged, this);
    this._context.connectionStatusChanged.disconnect(this._onReconnected, this);
    Signal.clearData(this);
  }

  /**
   * Load the extension into the kernel.
   *
   * @throws Error with the kernel's own words where that fails.
   */
  async load(): Promise<void> {
    const kernel = this._kernel;
    if (!kernel) {
      throw new Error('There is no kernel.');
    }
    const request = { code: LOAD, store_history: false, allow_stdin: false };
    const { content } = await kernel.requestExecute(request).done;
    if (content.status !== 'ok') {
      const error = content as KernelMessage.IReplyErrorContent;
      throw new Error(error.evalue ? `${error.ename}: ${error.evalue}` : 'The kernel refused.');
    }
    this._loadedIn = kernel;
    this._greeted = null;
    await this._greet();
  }

  /**
   * Ask for a rule's page.
   *
   * @throws Error where the kernel does not know the rule, or does not answer.
   */
  async explain(name: string): Promise<string> {
    const { markdown } = await this._ask({ kind: 'explain', name });
    return text(markdown);
  }

  /**
   * Ask for the tasks of a cell, thread by thread.
   *
   * @returns null where none was kept one by one.
   * @throws Error where the kernel no longer has them, or does not answer.
   */
  async lanes(cell: CellReference): Promise<Lanes | null> {
    const { lanes } = await this._ask({ kind: 'lanes', ...cell });
    return read('Lanes', lanes);
  }

  /**
   * Ask how a cell would speed up with more workers.
   *
   * @returns null where the answer cannot be read.
   * @throws Error with the reason where nothing supports a prediction.
   */
  async speedup(cell: CellReference): Promise<Speedup | null> {
    const { speedup } = await this._ask({ kind: 'speedup', ...cell });
    return read('Speedup', speedup);
  }

  private _ask(question: Readonly<Record<string, string | number | null>>): Promise<Answer> {
    return this._questions.ask(async id => {
      const comm = this._comm ?? (await this._open());
      if (!comm) {
        throw new Error('There is no kernel.');
      }
      comm.send({ ...question, id });
    });
  }

  private get _kernel(): Kernel.IKernelConnection | null {
    return this._context.session?.kernel ?? null;
  }

  private async _greet(): Promise<void> {
    const kernel = this._kernel;
    if (this._isDisposed || kernel === this._greeted) {
      return;
    }
    this._greeted = kernel;
    this._hangUp();
    this._connectionChanged.emit(kernel ? 'asking' : 'no-kernel');
    try {
      if (kernel) {
        await this._sayHello(kernel);
      }
    } catch {
      // It ended before it answered; the one that takes its place is greeted anew.
      this._greeted = null;
    }
  }

  private async _sayHello(kernel: Kernel.IKernelConnection): Promise<void> {
    const info = await kernel.info;
    if (this._greeted !== kernel) {
      return;
    }
    if (info.language_info.name !== 'python') {
      this._connectionChanged.emit('foreign');
      return;
    }
    const comm = await this._open();
    comm?.send({ kind: 'hello' });
  }

  private async _open(): Promise<Kernel.IComm | null> {
    const kernel = this._kernel;
    if (!kernel || kernel.isDisposed || !kernel.handleComms) {
      return null;
    }
    await kernel.info;
    const comm = kernel.createComm(TARGET);
    this._comm = comm;
    comm.onMsg = message => {
      this._onAnswer(message.content.data);
    };
    comm.onClose = () => {
      comm.dispose();
      if (this._comm === comm) {
        this._comm = null;
        this._questions.fail('Dask Lens is not loaded in this kernel.');
        this._connectionChanged.emit(this._loadedIn === kernel ? 'off' : 'absent');
      }
    };
    if ('supportsSubshells' in kernel && kernel.supportsSubshells) {
      // Opened before its subshell is there, a comm waits for the kernel to be idle.
      const started = (comm as { subshellStarted?: Promise<void> }).subshellStarted;
      await (String(comm.commsOverSubshells) === 'disabled' ? null : started);
    }
    if (comm.isDisposed) {
      return null;
    }
    comm.open();
    return comm;
  }

  private readonly _hangUp = (): void => {
    const comm = this._comm;
    this._comm = null;
    this._questions.fail('The kernel was replaced.');
    if (comm && !comm.isDisposed) {
      if (this._kernel?.connectionStatus === 'connected') {
        comm.close();
      }
      comm.dispose();
    }
  };

  private _onIopub(_: ISessionContext, message: KernelMessage.IMessage): void {
    if (message.header.msg_type !== 'comm_msg') {
      return;
    }
    const { comm_id: id, data } = (message as KernelMessage.ICommMsgMsg).content;
    if (id === COMM_ID) {
      this._onTold(data);
    }
  }

  private _onTold(data: unknown): void {
    if (!isRecord(data)) {
      return;
    }
    if (data.kind === 'status') {
      const on = isRecord(data.status) && data.status.on === true;
      this._connectionChanged.emit(on ? 'on' : 'off');
    } else if (data.kind === 'comparison') {
      this._told.emit({ kind: data.kind, content: data.comparison });
    } else if (data.kind === 'report' || data.kind === 'gauge') {
      this._connectionChanged.emit('on');
      const sequence = typeof data.seq === 'number' ? data.seq : 0;
      this._told.emit({ kind: data.kind, content: data[data.kind], sequence });
    }
  }

  private _onAnswer(data: unknown): void {
    if (isRecord(data) && !this._questions.answer(data)) {
      this._onTold(data);
    }
  }

  private _onKernelChanged(): void {
    this._onReplaced();
    void this._greet();
  }

  private _onStatusChanged(_: ISessionContext, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      this._onReplaced();
      this._connectionChanged.emit(status === 'dead' ? 'no-kernel' : 'asking');
    } else if (status === 'idle' && this._greeted !== this._kernel) {
      void this._greet();
    }
  }

  private _onReconnected(_: ISessionContext, status: Kernel.ConnectionStatus): void {
    if (status === 'connected' && this._greeted) {
      this._greeted = null;
      void this._greet();
    }
  }

  private _onReplaced(): void {
    this._greeted = null;
    this._loadedIn = null;
    this._hangUp();
    this._kernelReplaced.emit();
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
