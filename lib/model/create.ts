import { callNative } from '../errors';
import { native } from '../native';
import { engineOptions, keptOptions } from '../options/compute';
import type { Core } from './core';
import { createMembers } from './member';
import { forecasterSettings, type NeuralForecasterOptions } from './options';
import { modelRequests } from './requests';

/** The state of a new forecaster. */
export function createCore(options: NeuralForecasterOptions): Core {
  const settings = forecasterSettings(options);
  const engineSettings = engineOptions(options);
  const requests = modelRequests(options);
  const engine = callNative(() => new (native().Engine)(engineSettings));
  try {
    return {
      engine,
      compute: keptOptions(options),
      settings,
      members: createMembers(engine, requests, settings.seed),
      history: undefined,
      time: { frequency: settings.frequency, fill: settings.fill, zone: settings.zone },
      fitting: false,
      disposed: false,
    };
  } catch (error) {
    engine.dispose();
    throw error;
  }
}
