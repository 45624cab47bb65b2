/** Opens the import dialog. The dialog itself belongs to the window, so that it outlives the panel that opened it. */
import { Icon } from '../../ui/icons';
import { openImport } from './importing';

export function ImportButton({ size, kind }: { size?: 'wide'; kind?: 'primary' }) {
  return (
    <button type="button" className="button" data-size={size} data-kind={kind} onClick={() => openImport([])}>
      <Icon name="plus" /> Import studies…
    </button>
  );
}
