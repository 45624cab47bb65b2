/** The corner where notices appear, announced by screen readers. */
import { Icon } from './icons';
import { dismiss, useNotices } from './noticeList';

export function Notices() {
  return (
    <div className="notices" role="status" aria-label="Notices">
      {useNotices().map(({ id, tone, sentence, link }) => (
        <div key={id} className="message" data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
          <Icon name={tone === 'bad' ? 'caution' : 'check'} />
          <p>
            {sentence} {link && <a href={link.address}>{link.label}</a>}
          </p>
          <button type="button" className="button" data-kind="quiet" data-size="small" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
