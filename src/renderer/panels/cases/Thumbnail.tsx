/** The middle axial slice of a case's first channel, small. Only that slice's bytes are fetched, and only once in sight. */
import { useEffect, useRef } from 'react';
import type { Case } from '../../../shared/domain';
import { ranges } from '../../../shared/teachers';
import { bytesPer, viewVoxels } from '../../../shared/volume';
import { fetchBytes } from '../../api';
import { usePreferences } from '../../preferences';

export function Thumbnail({ subject }: { subject: Case }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { convention } = usePreferences();
  useEffect(() => {
    const element = canvas.current!;
    const controller = new AbortController();
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      seen.disconnect();
      drawMiddle(element, subject, controller.signal).catch((failure: unknown) => {
        // A thumbnail is an ornament: the room reports files that cannot be read.
        if (!controller.signal.aborted) console.warn(`thumbnail of ${subject.name}`, failure);
      });
    });
    seen.observe(element);
    return () => {
      seen.disconnect();
      controller.abort();
    };
  }, [subject]);
  return <canvas ref={canvas} className="thumbnail" data-convention={convention} width={1} height={1} />;
}

async function drawMiddle(canvas: HTMLCanvasElement, { grid, channels }: Case, signal: AbortSignal): Promise<void> {
  const channel = channels[0];
  const [width, height, depth] = grid.size;
  const sliceBytes = width * height * bytesPer(channel.dtype);
  const start = Math.floor(depth / 2) * sliceBytes;
  const bytes = await fetchBytes(channel.file, { signal, range: [start, start + sliceBytes] });
  const voxels = viewVoxels(bytes, channel.dtype, { size: [width, height, 1] });
  const [low, high] = channel.unit === 'HU' ? ranges.softTissue : [channel.statistics.p05, channel.statistics.p995];
  const pixels = new ImageData(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      // As in the radiological view, which the style turns around for the other one: the patient's right (high i in RAS+ runs to it) is on the left, anterior on top.
      const value = voxels[width - 1 - column + width * (height - 1 - row)];
      const grey = (255 * (value - low)) / Math.max(high - low, 1e-6);
      pixels.data.set([grey, grey, grey, 255], 4 * (column + width * row));
    }
  }
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
}
