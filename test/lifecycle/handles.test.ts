// What tools that look for open handles (jest --detectOpenHandles, why-is-node-running) see through async_hooks.
import { resultOf } from '../support/program';

test('nothing is held open but by a running job', async () => {
  const held = await resultOf(`
    const resources = [];
    require('node:async_hooks').createHook({
      init(id, type, trigger, resource) {
        if (type === 'neural-forecaster') resources.push(resource);
      },
    }).enable();
    const held = [];
    const look = () => held.push(resources.filter((resource) => resource.hasRef()).length);
    const forecaster = new NeuralForecaster({ models: spec() });
    const fit = forecaster.fit({ y }, { onProgress() {} });
    look();
    await fit;
    look();
    await forecaster.predict();
    look();
    const stopped = forecaster.fit({ y }, { maxSteps: 1e6 }).catch(() => {});
    look();
    forecaster.dispose();
    await stopped;
    look();
    console.log(JSON.stringify(held));
  `);
  expect(held).toEqual([1, 0, 0, 1, 0]);
});
