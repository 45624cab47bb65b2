/** Carries out what the prompts' state asks for: requests go out, answers come back as events, and the room hears of every change. */
import { activeChannel, type Room } from '../roomState';
import { type PromptEffect, type PromptEvent, type PromptMode, reduce } from './promptState';
import type { NotWanted, PromptProgress, PromptService } from './service';
import { firstUsable } from './teacherChoice';

export interface Prompting {
  /** False where nobody offers teachers: then there is no tool for it. */
  readonly isOffered: boolean;
  tell(event: PromptEvent): void;
  /** A teacher that comes in, or whose licence is accepted, while the tool is up is chosen if nobody is. */
  teachersChanged(): void;
  /** Takes the tool up, or puts it down, with a teacher and a structure chosen where nobody has chosen yet. */
  take(mode: PromptMode): void;
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** @param serviceNow  The service of the case on the screen, or null. */
export function createPrompting(room: Room, serviceNow: () => PromptService | null): Prompting {
  let asked: { stopper: AbortController; place: string } | null = null;
  /** Counts cases: what was saved for the one before is no news to this one. */
  let visit = 0;

  const ask = (service: PromptService, { number, prompts, refines }: Extract<PromptEffect, { do: 'ask' }>) => {
    const { prompting, windows } = room.get();
    const { teacher, channel, structure } = prompting;
    if (teacher === null || structure === null) throw new Error('prompting: asked without a teacher or a structure');
    const isFlat = teacher.axes === 2;
    const prompt = { points: [...prompts.points], box: isFlat ? prompts.box : null, refines };
    const place = isFlat ? { plane: prompts.plane, window: windows[channel] } : { plane: null, window: null };
    const looksAt = JSON.stringify([teacher.id, channel, isFlat ? place : prompts.points.find(({ positive }) => positive)?.mm]);
    asked?.stopper.abort((asked.place === looksAt ? 'superseded' : 'unwanted') satisfies NotWanted);
    const stopper = new AbortController();
    asked = { stopper, place: looksAt };
    const { signal } = stopper;
    const hear = (progress: PromptProgress) => {
      if (!signal.aborted) tell({ is: 'progress', number, progress });
    };
    service.preview({ teacher: teacher.id, channel, structure, prompt, ...place }, signal, hear).then(
      (answer) => tell({ is: 'answered', number, answer }),
      (error: unknown) => {
        if (!signal.aborted) tell({ is: 'failed', number, sentence: sentenceOf(error) });
      },
    );
  };

  const save = async (of: number, saving: Promise<PromptEvent>) => {
    const event = await saving.catch((error: unknown): PromptEvent => ({ is: 'notSaved', sentence: sentenceOf(error) }));
    if (of === visit) tell(event);
  };

  const carryOut = (service: PromptService, effect: PromptEffect) => {
    switch (effect.do) {
      case 'ask':
        ask(service, effect);
        return;
      case 'stop':
        asked?.stopper.abort('unwanted' satisfies NotWanted);
        return;
      case 'discard':
        service.discard(effect.preview);
        return;
      case 'accept':
        void save(
          visit,
          service.accept(effect.preview, effect.structure, effect.how).then((change) => ({ is: 'accepted', change })),
        );
        return;
      case 'restore':
        void save(
          visit,
          service.restore(effect.revision).then(() => ({ is: 'restored', savedAt: effect.savedAt })),
        );
    }
  };

  const tell = (event: PromptEvent) => {
    const service = serviceNow();
    if (!service) return;
    const { state, effects } = reduce(room.get().prompting, event);
    if (event.is === 'leave') visit++;
    room.set({ prompting: state });
    for (const effect of effects) carryOut(service, effect);
  };

  /** Keeps the teacher that is chosen and may be used; else takes the one that suits best. */
  const chooseTeacher = (service: PromptService) => {
    const { prompting, subject } = room.get();
    if (service.teachers.some(({ id, hindrance }) => id === prompting.teacher?.id && hindrance === null)) return;
    const teacher = firstUsable(service.teachers, subject.channels[prompting.channel]?.modality);
    if (teacher) tell({ is: 'teacher', teacher: { id: teacher.id, axes: teacher.axes } });
  };

  return {
    get isOffered() {
      return serviceNow() !== null;
    },
    tell,
    teachersChanged() {
      const service = serviceNow();
      if (service && room.get().prompting.mode !== 'off') chooseTeacher(service);
    },
    take(mode) {
      const { prompting, structures } = room.get();
      const service = serviceNow();
      if (!service) return;
      if (mode !== 'off' && prompting.mode === 'off') {
        room.set({ tool: 'navigate' });
        if (prompting.steps.length === 1) tell({ is: 'channel', channel: activeChannel(room.get()) });
        chooseTeacher(service);
        const isKnown = structures.some(({ index }) => index === prompting.structure);
        if (!isKnown && structures.length > 0) tell({ is: 'structure', structure: structures[0].index });
      }
      tell({ is: 'mode', mode });
    },
  };
}
