/** Keys of the prompting tool, as part of the room's table. */
import type { Key } from '../roomKeys';
import type { Room } from '../roomState';
import { canAccept, canRedo, canUndo, type PromptMode } from './promptState';

const isPrompting = (room: Room) => room.get().prompting.mode !== 'off';
const take =
  (mode: PromptMode): Key['act'] =>
  (room, _, __, ___, prompting) =>
    prompting.take(room.get().prompting.mode === mode ? 'off' : mode);

/** Enter and Space belong to the control that the keyboard is on. */
const isOnControl = () => document.activeElement?.matches(':is(button, a, select):focus-visible') ?? false;

export const promptKeys: readonly Key[] = [
  { keys: ['p'], says: 'P', does: 'Prompt a teacher with points', applies: (_, prompting) => prompting.isOffered, act: take('point') },
  { keys: ['b'], says: 'B', does: 'Prompt a teacher with a box', applies: (_, prompting) => prompting.isOffered, act: take('box') },
  {
    keys: ['t'],
    says: 'T · hold Shift',
    does: 'The next point leaves out instead of adding',
    applies: isPrompting,
    act: (room, _, __, ___, prompting) => prompting.tell({ is: 'polarity', isPositive: !room.get().prompting.isPositive }),
  },
  {
    keys: ['Enter'],
    says: 'Enter',
    does: 'Accept the teacher’s mask',
    applies: (room) => isPrompting(room) && canAccept(room.get().prompting) && !isOnControl(),
    act: (_, __, ___, ____, prompting) => prompting.tell({ is: 'accept' }),
  },
  {
    keys: ['Escape'],
    says: 'Esc',
    does: 'Drop the prompts, then leave the tool',
    applies: isPrompting,
    act: (_, __, ___, ____, prompting) => prompting.tell({ is: 'cancel' }),
  },
  {
    keys: ['Ctrl+z'],
    says: 'Ctrl Z',
    does: 'Take back a prompt or an accepted mask',
    applies: (room) => canUndo(room.get().prompting),
    act: (_, __, ___, ____, prompting) => prompting.tell({ is: 'undo' }),
  },
  {
    keys: ['Ctrl+Shift+z', 'Ctrl+y'],
    says: 'Ctrl Shift Z · Ctrl Y',
    does: 'Redo it',
    applies: (room) => canRedo(room.get().prompting),
    act: (_, __, ___, ____, prompting) => prompting.tell({ is: 'redo' }),
  },
];
