/** Colours for structures that stay apart on a dark ground, with normal and with colour-deficient sight. */

/**
 * The first seven are Okabe and Ito's (2008, jfly.uni-koeln.de/color), without their black. Each further one was picked from a lattice of
 * colours as the farthest, in OKLab, from all before it under normal, protanopic and deuteranopic sight (Machado et al. 2009),
 * among those with a contrast of at least 3:1 on the viewer's ground.
 */
export const palette: readonly string[] = [
  '#e69f00',
  '#56b4e9',
  '#009e73',
  '#f0e442',
  '#0072b2',
  '#d55e00',
  '#cc79a7',
  '#77ffff',
  '#8877ff',
  '#00ddaa',
  '#885566',
  '#8800ff',
  '#77ffaa',
  '#cc0022',
  '#aaccff',
  '#cc11aa',
  '#66bb77',
  '#cccc66',
  '#dd33dd',
  '#44cccc',
  '#666633',
  '#ffff00',
  '#aadddd',
  '#ff6644',
];

/** The first colour nobody uses yet; when all are taken they are handed out again in order. */
export function nextColour(taken: readonly string[]): string {
  const used = new Set(taken.map((colour) => colour.toLowerCase()));
  return palette.find((colour) => !used.has(colour)) ?? palette[taken.length % palette.length];
}
