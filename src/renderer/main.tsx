/** Starts the page: styles, announcements, then the workbench. */
import '@fontsource-variable/inter';
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './ui/fields.css';
import './ui/columns.css';
import './ui/messages.css';
import './ui/tables.css';
import './panels/frame/frame.css';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { startListening } from './answers';
import { applyPreferences } from './preferences';

applyPreferences();
startListening();
createRoot(document.getElementById('root')!).render(<App />);
