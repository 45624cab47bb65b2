/** One 3D view: vtk.js objects for a volume and surfaces, drawn only on demand. Owns GPU memory and gives it back; knows no components. */
import '@kitware/vtk.js/Rendering/OpenGL/Profiles/Geometry';
import '@kitware/vtk.js/Rendering/OpenGL/Profiles/Volume';
import vtkDataArray from '@kitware/vtk.js/Common/Core/DataArray';
import vtkImageData from '@kitware/vtk.js/Common/DataModel/ImageData';
import vtkPiecewiseFunction from '@kitware/vtk.js/Common/DataModel/PiecewiseFunction';
import vtkPolyData from '@kitware/vtk.js/Common/DataModel/PolyData';
import vtkActor from '@kitware/vtk.js/Rendering/Core/Actor';
import vtkColorTransferFunction from '@kitware/vtk.js/Rendering/Core/ColorTransferFunction';
import vtkMapper from '@kitware/vtk.js/Rendering/Core/Mapper';
import vtkRenderer from '@kitware/vtk.js/Rendering/Core/Renderer';
import vtkRenderWindow from '@kitware/vtk.js/Rendering/Core/RenderWindow';
import vtkRenderWindowInteractor from '@kitware/vtk.js/Rendering/Core/RenderWindowInteractor';
import vtkVolume from '@kitware/vtk.js/Rendering/Core/Volume';
import vtkVolumeMapper from '@kitware/vtk.js/Rendering/Core/VolumeMapper';
import vtkOpenGLRenderWindow from '@kitware/vtk.js/Rendering/OpenGL/RenderWindow';
import { type Grid, spacingMm, toMm } from '../../shared/geometry';
import { cameraPlace, lensAngle, type Orbit } from './orbit';
import type { Quality } from './roomState';
import type { ShrunkImage } from './surfaces/shrink';
import type { MeasuredSurface, StructureSurface } from './surfaces/tasks';
import { distanceColours, type TransferFunction } from './transferFunctions';

export interface VolumeContent {
  readonly grid: Grid;
  readonly image: { readonly shrunk: ShrunkImage; readonly transfer: TransferFunction } | null;
  /** With distances, coloured by them over ±`range` mm; otherwise in the structures' colours. */
  readonly surfaces: readonly (StructureSurface | MeasuredSurface)[];
  readonly range: number | null;
  colourOf(structure: number): string;
}

/** Step along a ray in samples of the volume and pixels per ray, at rest; and the most pixels drawn. */
const atRest: Record<Quality, { step: number; rayEvery: number; pixels: number }> = {
  draft: { step: 1.25, rayEvery: 2, pixels: 400_000 },
  balanced: { step: 1, rayEvery: 1, pixels: 1_600_000 },
  fine: { step: 0.5, rayEvery: 1, pixels: 8_000_000 },
};

const rgb = (colour: string): [number, number, number] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255) as [number, number, number];

export function createVolumeScene(host: HTMLElement) {
  const window3d = vtkRenderWindow.newInstance();
  const renderer = vtkRenderer.newInstance({ background: [0.012, 0.016, 0.024] });
  const gl = vtkOpenGLRenderWindow.newInstance();
  window3d.addRenderer(renderer);
  window3d.addView(gl);
  gl.setContainer(host);
  // The volume mapper asks an interactor whether something is animating; this one hears no events, the room has its own.
  const interactor = vtkRenderWindowInteractor.newInstance();
  interactor.setView(gl);
  interactor.initialize();
  const context = () => gl.getCanvas()?.getContext('webgl2') ?? null;
  renderer.getActiveCamera().setViewAngle(lensAngle);

  let dropContent = () => {};
  let mapper: vtkVolumeMapper | null = null;
  let volume: vtkVolume | null = null;
  let hasSurfaces = false;
  let finest = 1;
  let bounds = { centre: [0, 0, 0], radius: 1 };
  let preview: ReturnType<typeof surfaceActor>[] = [];

  const build = (content: VolumeContent) => {
    dropContent();
    bounds = boundsOf(content.grid);
    const made: { delete(): void }[] = [];
    mapper = null;
    volume = null;
    hasSurfaces = content.surfaces.length > 0;
    if (content.image) {
      const { image } = content;
      const data = imageData(content.grid, image.shrunk);
      const volumeMapper = vtkVolumeMapper.newInstance({ maximumSamplesPerRay: 4000, autoAdjustSampleDistances: false });
      volumeMapper.setInputData(data);
      if (image.transfer.isMaximum) volumeMapper.setBlendModeToMaximumIntensity();
      const rendered = vtkVolume.newInstance();
      rendered.setMapper(volumeMapper);
      const functions = paintVolume(rendered, image.transfer);
      renderer.addVolume(rendered);
      volume = rendered;
      mapper = volumeMapper;
      finest = Math.min(...data.getSpacing());
      made.push(data, volumeMapper, rendered, ...functions);
    }
    for (const surface of content.surfaces) {
      const { actor, parts } = surfaceActor(surface, content);
      renderer.addActor(actor);
      made.push(actor, ...parts);
    }
    for (const { actor } of preview) renderer.addActor(actor);
    dropContent = () => {
      renderer.removeAllViewProps();
      // GPU memory goes with the view props of the OpenGL tree, which are dropped at the next traversal.
      window3d.render();
      for (const each of made.reverse()) each.delete();
    };
  };

  const dropPreview = () => {
    for (const { actor } of preview) renderer.removeActor(actor);
    if (preview.length > 0) window3d.render();
    for (const { actor, parts } of preview) for (const each of [actor, ...parts]) each.delete();
    preview = [];
  };

  return {
    show: build,
    /** Lays surfaces that are not decided yet over the content, translucent. */
    showPreview(surfaces: readonly StructureSurface[], colour: string) {
      dropPreview();
      preview = surfaces.map((surface) => surfaceActor(surface, { colourOf: () => colour, range: null }));
      for (const { actor } of preview) {
        actor.getProperty().setOpacity(0.6);
        renderer.addActor(actor);
      }
    },
    /** Draws now. While moving the volume is sampled more coarsely, so that turning stays smooth. */
    draw(orbit: Orbit, quality: Quality, isMoving: boolean) {
      const { focus, position, up, distance } = cameraPlace(orbit, bounds.centre, bounds.radius);
      const camera = renderer.getActiveCamera();
      camera.setPosition(...position);
      camera.setFocalPoint(...focus);
      camera.setViewUp(...up);
      camera.setClippingRange(Math.max(1, distance - 2.5 * bounds.radius), distance + 2.5 * bounds.radius);
      // In draft quality, meant for machines without a graphics card, only the surfaces turn; the volume is back at rest.
      volume?.setVisibility(!(isMoving && quality === 'draft' && hasSurfaces));
      mapper?.setSampleDistance(finest * atRest[quality].step * (isMoving ? 2 : 1));
      mapper?.setImageSampleDistance(isMoving ? 2 : atRest[quality].rayEvery);
      window3d.render();
    },
    /** @param width, height  Of the view in CSS pixels. */
    resize(width: number, height: number, ratio: number, quality: Quality) {
      const shrinkBy = Math.min(1, Math.sqrt(atRest[quality].pixels / (width * height * ratio * ratio)));
      gl.setSize(Math.max(1, Math.round(width * ratio * shrinkBy)), Math.max(1, Math.round(height * ratio * shrinkBy)));
    },

    dispose() {
      dropPreview();
      dropContent();
      const lost = context();
      gl.setContainer(null as unknown as HTMLElement);
      interactor.delete();
      window3d.removeView(gl);
      gl.delete();
      renderer.delete();
      window3d.delete();
      // Browsers keep a context until the collector comes round; a handful of open cases would exhaust them.
      lost?.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}
export type VolumeScene = ReturnType<typeof createVolumeScene>;

function boundsOf(grid: Grid): { centre: number[]; radius: number } {
  const [nx, ny, nz] = grid.size;
  const centre = toMm(grid, [(nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2]);
  const radius = Math.hypot(...spacingMm(grid).map((mm, axis) => (mm * grid.size[axis]) / 2));
  return { centre: [...centre], radius };
}

function imageData(grid: Grid, { size, values, steps }: ShrunkImage): vtkImageData {
  const { affine: a } = grid;
  const spacing = spacingMm(grid);
  const data = vtkImageData.newInstance({
    spacing: spacing.map((mm, axis) => mm * steps[axis]) as [number, number, number],
    origin: [...toMm(grid, [(steps[0] - 1) / 2, (steps[1] - 1) / 2, (steps[2] - 1) / 2])] as [number, number, number],
  });
  // Column by column: each column is the unit direction of a voxel axis.
  const column = (axis: 0 | 1 | 2) => [a[axis], a[4 + axis], a[8 + axis]].map((part) => part / spacing[axis]) as [number, number, number];
  data.setDirection(...column(0), ...column(1), ...column(2));
  data.setDimensions([...size] as [number, number, number]);
  data.getPointData().setScalars(vtkDataArray.newInstance({ name: 'image', values, numberOfComponents: 1 }));
  return data;
}

function paintVolume(volume: vtkVolume, { colour, opacity }: TransferFunction) {
  const colours = vtkColorTransferFunction.newInstance();
  for (const [value, r, g, b] of colour) colours.addRGBPoint(value, r, g, b);
  const opacities = vtkPiecewiseFunction.newInstance();
  for (const [value, share] of opacity) opacities.addPoint(value, share);
  const property = volume.getProperty();
  property.setRGBTransferFunction(0, colours);
  property.setScalarOpacity(0, opacities);
  property.setScalarOpacityUnitDistance(0, 10);
  property.setInterpolationTypeToLinear();
  property.setShade(false);
  return [colours, opacities];
}

function surfaceActor(surface: StructureSurface | MeasuredSurface, { colourOf, range }: Pick<VolumeContent, 'colourOf' | 'range'>) {
  const data = vtkPolyData.newInstance();
  data.getPoints().setData(surface.points, 3);
  const cells = new Uint32Array((surface.triangles.length / 3) * 4);
  for (let from = 0, to = 0; from < surface.triangles.length; from += 3) {
    cells[to++] = 3;
    cells.set(surface.triangles.subarray(from, from + 3), to);
    to += 3;
  }
  data.getPolys().setData(cells);
  data.getPointData().setNormals(vtkDataArray.newInstance({ name: 'normals', values: surface.normals, numberOfComponents: 3 }));
  const mapper = vtkMapper.newInstance({ scalarVisibility: false });
  const parts: { delete(): void }[] = [mapper, data];
  if ('distances' in surface && range !== null) {
    const colours = vtkColorTransferFunction.newInstance();
    for (const [at, r, g, b] of distanceColours) colours.addRGBPoint(at * range, r, g, b);
    colours.set({ nanColor: [0.45, 0.48, 0.54, 1] });
    data.getPointData().setScalars(vtkDataArray.newInstance({ name: 'distance', values: surface.distances, numberOfComponents: 1 }));
    mapper.setLookupTable(colours);
    mapper.setScalarRange(-range, range);
    mapper.setUseLookupTableScalarRange(false);
    mapper.setInterpolateScalarsBeforeMapping(true);
    mapper.setScalarVisibility(true);
    parts.push(colours);
  }
  mapper.setInputData(data);
  const actor = vtkActor.newInstance();
  actor.setMapper(mapper);
  const property = actor.getProperty();
  property.setColor(...rgb(colourOf(surface.structure)));
  property.setAmbient(0.18);
  property.setDiffuse(0.82);
  property.setSpecular(0.22);
  property.setSpecularPower(18);
  return { actor, parts };
}
