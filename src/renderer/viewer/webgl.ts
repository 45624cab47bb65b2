/** Whether and how well this browser can draw 3D; asked once. */

export type Drawing3d = 'none' | 'software' | 'hardware';

let known: Drawing3d | null = null;

/** `software` means WebGL runs on the processor: right, but slow, so the room starts in draft quality. */
export const drawing3d = (): Drawing3d => {
  known ??= probe();
  return known;
};

function probe(): Drawing3d {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return 'none';
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(name) ? 'software' : 'hardware';
}
