/** Where the room's cursor is now. Outside React's tree, so that moving the mouse redraws one line and nothing else. */
import { shared } from '../../ui/shared';
import type { CursorReading } from '../../viewer/Room';

const reading = shared<CursorReading | null>(null);
export const setCursor = reading.set;
export const useCursor = reading.use;
