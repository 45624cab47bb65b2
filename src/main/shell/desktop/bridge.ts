/** The main side of the preload bridge: dialogs on request, announcements to the page. Every message's sender is checked. */
import { type BrowserWindow, dialog, type IpcMainInvokeEvent, ipcMain, type OpenDialogOptions } from 'electron';
import type { Announcement } from '../../../shared/events';
import { thin } from '../thin';
import { isOurs } from './scheme';

/** Shows the dialogs the page of `window` asks for and sends it announcements. @returns how to take the bridge down. */
export function bridge(window: BrowserWindow, listen: (hear: (announcement: Announcement) => void) => () => void): () => void {
  const pick = async (event: IpcMainInvokeEvent, title: unknown, properties: OpenDialogOptions['properties']): Promise<string[]> => {
    refuseStrangers(event, window);
    if (typeof title !== 'string') throw new Error('bridge: a dialog was asked for without a title');
    const { canceled, filePaths } = await dialog.showOpenDialog(window, { title, properties });
    return canceled ? [] : filePaths;
  };
  ipcMain.handle('pick-folder', async (event, title) => (await pick(event, title, ['openDirectory', 'createDirectory']))[0] ?? null);
  ipcMain.handle('pick-files', (event, title) => pick(event, title, ['openFile', 'multiSelections']));

  const thinned = thin((announcement) => {
    if (!window.isDestroyed()) window.webContents.send('announcement', announcement);
  });
  const deafen = listen(thinned.hear);
  return () => {
    deafen();
    thinned.stop();
    ipcMain.removeHandler('pick-folder');
    ipcMain.removeHandler('pick-files');
  };
}

/** Only the main frame of our window, while it shows our page, may ask. */
function refuseStrangers({ sender, senderFrame }: IpcMainInvokeEvent, window: BrowserWindow): void {
  const isOurPage = sender === window.webContents && senderFrame === window.webContents.mainFrame && isOurs(senderFrame?.url ?? '');
  if (!isOurPage) throw new Error(`bridge: a message from ${senderFrame?.url ?? 'a frame that is gone'} was refused`);
}
