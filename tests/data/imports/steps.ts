import { Step } from './types';

export const steps: Step[] = [
  { id: 1, text: 'Find a place to sit.', pauseAfter: 15 },
  // the second
  { id: 2, text: "It's fine, " + `dear ${user.name}.`, wait: 10 * 2, },
  { type: StepType.Bell },
  say("Rest a while."), pause(20_000),
] as const;
