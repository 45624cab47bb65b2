/** How the volume is rendered, and how finely: chosen where it is seen, the same for all 3D views. */
import { Menu } from './Menu';
import { type Quality, type Rendering, type Room, renderingsFor } from './roomState';
import { useStore } from './store';

export function VolumeMenus({ room }: { room: Room }) {
  const rendering = useStore(room, (state) => state.rendering);
  const quality = useStore(room, (state) => state.quality);
  const subject = useStore(room, (state) => state.subject);
  return (
    <span className="volume-menus">
      <Menu label="Rendering in 3D" value={rendering} onChoose={(name) => room.set({ rendering: name as Rendering })}>
        {renderingsFor(subject).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Menu>
      <Menu label="Quality of 3D at rest" value={quality} onChoose={(name) => room.set({ quality: name as Quality })}>
        <option value="draft">Draft</option>
        <option value="balanced">Balanced</option>
        <option value="fine">Fine</option>
      </Menu>
    </span>
  );
}
