/** A stand-in for the `electron` module: records what it is told and lets a test play the browser's part. Electron itself needs a screen. */
import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

type Listener = (...args: never[]) => unknown;

/** What `session.defaultSession` was told. */
export const session = {
  defaultSession: Object.assign(new EventEmitter(), {
    webRequest: { onBeforeRequest: vi.fn() },
    setPermissionRequestHandler: vi.fn(),
    setPermissionCheckHandler: vi.fn(),
    setDevicePermissionHandler: vi.fn(),
    setSpellCheckerEnabled: vi.fn(),
  }),
};

export const app = Object.assign(new EventEmitter(), {
  commandLine: { appendSwitch: vi.fn() },
  enableSandbox: vi.fn(),
  requestSingleInstanceLock: vi.fn(() => true),
  whenReady: vi.fn(async () => undefined),
  exit: vi.fn(),
  /** Like Electron's: asks first, and goes on only if nobody minds. */
  quit: vi.fn(() => {
    const event = { isPrevented: false, preventDefault: () => (event.isPrevented = true) };
    app.emit('before-quit', event);
    if (!event.isPrevented) app.emit('quit');
  }),
});

const handlers = new Map<string, (request: Request) => Promise<Response>>();
export const protocol = {
  registerSchemesAsPrivileged: vi.fn(),
  handle: vi.fn((scheme: string, handler: (request: Request) => Promise<Response>) => void handlers.set(scheme, handler)),
  /** Test: what the page gets for an address. */
  answer: (address: string, init?: RequestInit) => handlers.get('app')!(new Request(address, init)),
};

const answers = new Map<string, Listener>();
export const ipcMain = {
  handle: vi.fn((channel: string, listener: Listener) => void answers.set(channel, listener)),
  removeHandler: vi.fn((channel: string) => void answers.delete(channel)),
  /** Test: a message from a page. */
  invoke: async (channel: string, event: unknown, ...args: unknown[]) =>
    (answers.get(channel) as unknown as (...all: unknown[]) => unknown)(event, ...args),
  channels: () => [...answers.keys()],
};

export class WebContents extends EventEmitter {
  readonly mainFrame = { url: 'app://understudy/' };
  readonly send = vi.fn();
  readonly reload = vi.fn();
  readonly setWindowOpenHandler = vi.fn();
  readonly setWebRTCIPHandlingPolicy = vi.fn();
}

export class BrowserWindow extends EventEmitter {
  static readonly opened: BrowserWindow[] = [];
  readonly webContents = new WebContents();
  readonly loadURL = vi.fn(async () => undefined);
  readonly show = vi.fn();
  readonly focus = vi.fn();
  readonly maximize = vi.fn();
  readonly restore = vi.fn();
  readonly isMinimized = () => false;
  readonly isMaximized = () => false;
  readonly isDestroyed = () => false;
  readonly getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 });
  constructor(readonly options: Record<string, unknown>) {
    super();
    BrowserWindow.opened.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
}

export const dialog = {
  showOpenDialog: vi.fn(async () => ({ canceled: false, filePaths: ['/studies/one', '/studies/two'] })),
  showMessageBox: vi.fn(async () => ({ response: 0 })),
  showErrorBox: vi.fn(),
};
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
export const Menu = { setApplicationMenu: vi.fn(), buildFromTemplate: vi.fn((template: unknown) => template) };

export class UtilityChild extends EventEmitter {
  pid: number | undefined;
  readonly postMessage = vi.fn();
  readonly kill = vi.fn();
}
export const utilityProcess = { fork: vi.fn((..._args: unknown[]) => new UtilityChild()) };

export const exposed: Record<string, unknown> = {};
export const contextBridge = { exposeInMainWorld: (name: string, value: unknown) => void Object.assign(exposed, { [name]: value }) };
export const ipcRenderer = Object.assign(new EventEmitter(), { invoke: vi.fn(async (...args: unknown[]) => args) });
export const webUtils = { getPathForFile: vi.fn((file: File) => `/dropped/${file.name}`) };
