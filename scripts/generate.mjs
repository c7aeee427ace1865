// What follows from the addon's own tables: lib/generated.ts, tools/models.json and the model table of
// README.md.
//   node scripts/generate.mjs            builds, writes them, builds what they changed
//   node scripts/generate.mjs --preset dev   from the addon of that preset: quicker, while a model is written
//   node scripts/generate.mjs --check    fails where they differ
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { addonPath, buildJs, buildNative } from './build.mjs';
import { generateTypes } from './generate/types.mjs';
import { setUp } from './setup.mjs';
import { inRoot, isMain, runMain, ScriptError, say, toolPath } from './util.mjs';

/** Losses share one config struct; each says which of its options it takes. */
const lossFields = ({ options }, fields) => fields.filter(({ name }) => options.includes(name));

function describe(path) {
  const addon = createRequire(import.meta.url)(path);
  const description = JSON.parse(addon.describe());
  const { losses, fields } = description.losses;
  return {
    ...description,
    losses: losses.map((loss) => ({ ...loss, fields: lossFields(loss, fields) })),
  };
}

/** As `npm run format` would leave it, so that the lint stage agrees. */
function formatted(text) {
  const args = [
    toolPath('@biomejs/biome', 'biome'),
    'format',
    '--stdin-file-path=lib/generated.ts',
  ];
  const result = spawnSync(process.execPath, args, {
    input: text,
    encoding: 'utf8',
    cwd: inRoot(),
  });
  if (result.status !== 0) throw new ScriptError(`biome format failed:\n${result.stderr}`);
  return result.stdout;
}

function modelTable(models) {
  const yes = (flag) => (flag ? 'yes' : '');
  const rows = models.map(({ name, aliases, doc, paper, exog }) =>
    [
      [name, ...aliases].map((n) => `\`${n}\``).join(', '),
      doc,
      paper,
      yes(exog.future),
      yes(exog.historic),
      yes(exog.static),
    ].join(' | '),
  );
  return [
    '| model | what it is | paper | future exog | historic exog | static exog |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function readmeWith(table) {
  const text = readFileSync(inRoot('README.md'), 'utf8');
  const pattern = /(<!-- models:begin -->\n)[\s\S]*?(\n?<!-- models:end -->)/;
  if (!pattern.test(text)) {
    throw new ScriptError(
      'README.md lacks the lines <!-- models:begin --> and <!-- models:end -->',
    );
  }
  return text.replace(pattern, (_, begin) => `${begin}${table}\n<!-- models:end -->`);
}

/** Options that a Python model may be exported with: their choices, or null where any value goes. */
function exportTable({ models, losses, localScalers, modelFields }) {
  const byName = (entries, value) =>
    Object.fromEntries(entries.map((entry) => [entry.name, value(entry)]));
  const choices = (fields) => byName(fields, (field) => field.choices ?? null);
  const isCommon = new Set(modelFields.map(({ name }) => name));
  const own = ({ fields }) => choices(fields.filter(({ name }) => !isCommon.has(name)));
  const neural = models.filter(({ kind }) => kind === 'neural');
  const called = neural.flatMap((model) =>
    [model.name, ...model.aliases].map((name) => ({ ...model, name })),
  );
  const table = {
    common: choices(modelFields),
    models: byName(called, own),
    losses: byName(losses, ({ options }) => options),
    localScalers,
  };
  return `${JSON.stringify(table, null, 1)}\n`;
}

/** Path -> what it must hold. */
function derived(path = addonPath) {
  const description = describe(path);
  return new Map([
    ['lib/generated.ts', formatted(generateTypes(description))],
    ['tools/models.json', exportTable(description)],
    ['README.md', readmeWith(modelTable(description.models))],
  ]);
}

const current = (path) => (existsSync(inRoot(path)) ? readFileSync(inRoot(path), 'utf8') : '');

export function checkGenerated(addon) {
  const stale = [...derived(addon)].filter(([path, text]) => current(path) !== text);
  if (stale.length > 0) {
    const names = stale.map(([path]) => path).join(', ');
    throw new ScriptError(`not what the addon describes: ${names}. Run: npm run generate`);
  }
}

function writeGenerated(addon) {
  for (const [path, text] of derived(addon)) {
    if (current(path) === text) continue;
    writeFileSync(inRoot(path), text);
    say(`wrote ${path}`);
  }
  // What runs is dist/: without this a new model is in lib/ and unknown to whoever imports the package.
  buildJs();
}

if (isMain(import.meta.url)) {
  runMain(async (args) => {
    await setUp();
    const at = args.indexOf('--preset');
    const folder = buildNative(at < 0 ? 'release' : args[at + 1], ['neural_forecaster']);
    const addon = join(folder, 'neural_forecaster.node');
    if (args.includes('--check')) checkGenerated(addon);
    else writeGenerated(addon);
  });
}
