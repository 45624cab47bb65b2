/** What a run would cost, asked again a moment after the last change of its settings. */
import { useEffect, useRef, useState } from 'react';
import type { Forecast, TrainSettings } from '../../../shared/domain';
import type { AppError } from '../../../shared/errors';
import { asAppError } from '../../answers';
import { ask } from '../../api';

const pauseMs = 400;

export interface ForecastState {
  forecast: Forecast | null;
  error: AppError | null;
  /** A newer one is on its way. */
  isOld: boolean;
}

/** @param settings  Valid settings, or null while the form holds something that is not. */
export function useForecast(settings: TrainSettings | null): ForecastState {
  const [state, setState] = useState<ForecastState>({ forecast: null, error: null, isOld: true });
  const measuring = useRef<Promise<unknown>>(Promise.resolve());
  const text = settings && JSON.stringify(settings);
  useEffect(() => {
    setState(({ forecast }) => ({ forecast: text === null ? null : forecast, error: null, isOld: true }));
    if (text === null) return;
    const controller = new AbortController();
    const measure = async () => {
      // One at a time: a measurement that nobody waits for any more still occupies the machine.
      await measuring.current;
      if (controller.signal.aborted) return;
      const asked = ask('runs.forecast', { settings: JSON.parse(text) as TrainSettings });
      measuring.current = asked.catch(() => undefined);
      try {
        const forecast = await asked;
        if (!controller.signal.aborted) setState({ forecast, error: null, isOld: false });
      } catch (failure) {
        if (!controller.signal.aborted) setState({ forecast: null, error: asAppError(failure), isOld: false });
      }
    };
    const timer = setTimeout(measure, pauseMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text]);
  return state;
}
