/** Where the window was, and whether that place still exists: screens come and go. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const rectangle = { x: z.number().int(), y: z.number().int(), width: z.number().int().min(400), height: z.number().int().min(300) };
const saved = z.object({ ...rectangle, isMaximised: z.boolean() });
export type Placement = z.infer<typeof saved>;
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The saved placement, or null if there is none, it is unreadable, or too little of its title bar would be on any screen to grab it. */
export function readPlacement(file: string, screens: Area[]): Placement | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null; // never saved
  }
  const parsed = saved.safeParse(asJson(text));
  return parsed.success && screens.some((screen) => canBeGrabbed(parsed.data, screen)) ? parsed.data : null;
}

/** Losing a window's place is no reason to bother anybody: a folder that cannot be written to is passed over. */
export function savePlacement(file: string, placement: Placement): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(placement));
  } catch {
    return;
  }
}

function canBeGrabbed({ x, y, width }: Area, screen: Area): boolean {
  const shown = Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x);
  return shown >= 100 && y >= screen.y && y <= screen.y + screen.height - 40;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
