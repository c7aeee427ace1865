import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { program, resultOf } from '../support/program';

const linux = process.platform === 'linux' ? test : test.skip;

/** Nice values of a process' threads, above that of the process itself. */
const niceness = `
  const fs = require('node:fs');
  const nice = (file) => Number(fs.readFileSync(file, 'utf8').replace(/.*\\) /s, '').split(' ')[16]);
  const own = nice('/proc/self/stat');
  const raised = () => fs.readdirSync('/proc/self/task').map((t) => nice('/proc/self/task/' + t + '/stat') - own)
    .filter((more) => more !== 0);
`;

linux.each([
  ['normal', []],
  ['low', [5]],
])('trainings run at the priority asked for: %s', async (priority, expected) => {
  const seen = await resultOf<number[]>(`
    ${niceness}
    const forecaster = new NeuralForecaster({ models: spec(), numThreads: 1, priority: '${priority}' });
    await forecaster.fit({ y });
    await forecaster.predict();
    console.log(JSON.stringify(raised()));
  `);
  expect(seen).toEqual(expected);
});

linux('low and normal trainings do not share a thread', async () => {
  const seen = await resultOf<unknown[]>(`
    ${niceness}
    for (const priority of ['low', 'normal', 'low', 'normal']) {
      const forecaster = new NeuralForecaster({ models: spec(), numThreads: 1, priority });
      await forecaster.fit({ y });
    }
    console.log(JSON.stringify([...new Set(raised()), fs.readdirSync('/proc/self/task').length > raised().length]));
  `);
  expect(seen).toEqual([5, true]);
});

/** The user that everybody may become and that runs nothing else. Root is held by no limit of threads. */
const nobody = 65534;

function threadsOf(uid: number): number {
  let count = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) !== uid) continue;
      count += Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]);
    } catch {
      // It has ended in between.
    }
  }
  return count;
}

/** Why a process of `nobody` cannot be limited here; '' where it can. */
function unable(): string {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  if (spawnSync('prlimit', ['--version']).status !== 0) return 'no prlimit';
  const addon = spawnSync(process.execPath, ['-e', program('')], { uid: nobody });
  return addon.status === 0 ? '' : 'nobody cannot read the package';
}

/** Runs `body` as a user who may have only `more` threads beyond those of a process that has just begun. */
async function withThreads<T>(more: number, body: string): Promise<T> {
  const source = program(`
    await sleep(1); new NeuralForecaster({ models: spec() }).dispose(); // the addon and libuv are loaded
    await require('node:fs/promises').stat('.');
    console.log('ready');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    ${body}
    process.exit();
  `);
  const user = { uid: nobody, gid: nobody };
  const child = spawn(process.execPath, ['-e', source], user);
  try {
    const output = { out: '', errors: '' };
    child.stderr.on('data', (chunk) => {
      output.errors += chunk;
    });
    await once(child.stdout, 'data');
    child.stdout.on('data', (chunk) => {
      output.out += chunk;
    });
    const limit = threadsOf(nobody) + more;
    execFileSync('prlimit', [`--nproc=${limit}`, '--pid', `${child.pid}`], user);
    child.stdin.end('go');
    const [code, signal] = await once(child, 'close');
    if (code !== 0 || output.errors) throw new Error(`exit ${code} ${signal}: ${output.errors}`);
    return JSON.parse(output.out) as T;
  } finally {
    child.kill('SIGKILL');
  }
}

const reason = unable();
const limited = reason === '' ? test : test.skip;
const because = reason === '' ? '' : ` (skipped: ${reason})`;

limited(`no thread at all: fit and predict reject with ERR_NO_THREAD${because}`, async () => {
  const seen = await withThreads<unknown>(
    0,
    `
    const forecaster = new NeuralForecaster({ models: spec(), numThreads: 4 });
    const codes = [];
    await forecaster.fit({ y }).catch(({ name, code }) => codes.push(name, code));
    await forecaster.fit({ y }).catch(({ name, code }) => codes.push(name, code));
    console.log(JSON.stringify(codes));
  `,
  );
  expect(seen).toEqual(['ForecastError', 'ERR_NO_THREAD', 'ForecastError', 'ERR_NO_THREAD']);
});

limited(`few threads: trains on those there are, to the same bits${because}`, async () => {
  const body = `
    const forecaster = new NeuralForecaster({ models: spec(), numThreads: 6 });
    await Promise.all([forecaster.fit({ y })]);
    console.log(JSON.stringify([...forecaster.predictSync().columns.NHITS]));
  `;
  const free = await resultOf<number[]>(body);
  // The messenger, the job's thread, and none to few of the five beside it.
  for (const more of [2, 3, 5]) expect(await withThreads<number[]>(more, body)).toEqual(free);
});

limited(`jobs queue behind the one thread that there is${because}`, async () => {
  const body = `
    const forecasters = [1, 2, 3].map((seed) => new NeuralForecaster({ models: spec(), numThreads: 1, seed }));
    const reports = await Promise.all(forecasters.map((forecaster) => forecaster.fit({ y })));
    console.log(JSON.stringify(reports.map(({ models }) => models[0].steps)));
  `;
  expect(await withThreads<number[]>(2, body)).toEqual([20, 20, 20]);
});
