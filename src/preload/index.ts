/** The bridge between page and desktop: dialogs, paths of dropped files, announcements. Nothing else of Electron reaches the page. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Desktop } from '../shared/contract';
import type { Announcement } from '../shared/events';

const desktop: Desktop = {
  pickFolder: (title) => ipcRenderer.invoke('pick-folder', title),
  pickFiles: (title) => ipcRenderer.invoke('pick-files', title),
  pathOf: (file) => webUtils.getPathForFile(file),
  listen(hear) {
    // The event itself stays here: it carries the sender.
    const pass = (_event: unknown, announcement: Announcement) => hear(announcement);
    ipcRenderer.on('announcement', pass);
    return () => void ipcRenderer.off('announcement', pass);
  },
};

contextBridge.exposeInMainWorld('understudy', desktop);
