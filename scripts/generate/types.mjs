// lib/generated.ts from the addon's describe(): names, option interfaces, error codes.

/** Choices that have a name of their own in the API, by field. */
const namedChoices = {
  optimizer: 'OptimizerName',
  lrScheduler: 'SchedulerName',
  scalerType: 'ScalerName',
};

const usualLoss = 'MAE';

const elementTypes = {
  boolean: 'boolean',
  integer: 'number',
  number: 'number',
  string: 'string',
  time: 'number | string | Date',
  auto: "'auto' | boolean | number",
};

function typeOf(field, owner = '') {
  if (field.type === 'object[]') return `readonly ${owner}${field.item}[]`;
  const [, element, lists] = /^(\w+)((?:\[\])*)$/.exec(field.type);
  const choices = field.choices?.length > 0 ? field.choices.map((c) => JSON.stringify(c)) : null;
  const type = namedChoices[field.name] ?? choices?.join(' | ') ?? elementTypes[element];
  const depth = lists.length / 2;
  const readonly = (inner, level) =>
    level === 0
      ? inner
      : readonly(`readonly ${inner.includes(' ') ? `(${inner})` : inner}[]`, level - 1);
  return readonly(type, depth);
}

function rangeOf({ type, min, max, minExclusive }) {
  if (!/^(integer|number|auto)/.test(type)) return '';
  const noun = { integer: 'Integer', number: 'Number', auto: 'Count' }[type] ?? 'Each';
  const bounds = [
    min === undefined ? '' : `${minExclusive ? '>' : '>='} ${min}`,
    // A bound that only guards arithmetic tells a reader nothing.
    max === undefined || max >= 1e9 ? '' : `<= ${max}`,
  ].filter((bound) => bound !== '');
  return bounds.length > 0 ? ` ${noun} ${bounds.join(', ')}.` : '';
}

function defaultOf(field) {
  if (field.required) return '';
  const empty =
    field.default === '' ||
    field.default === null ||
    (Array.isArray(field.default) && field.default.length === 0);
  return empty ? '' : ` Default ${JSON.stringify(field.default)}.`;
}

function member(field, owner) {
  const doc = `${field.doc ?? ''}${rangeOf(field)}${defaultOf(field)}`.trim();
  return `  /** ${doc} */\n  ${field.name}${field.required ? '' : '?'}: ${typeOf(field, owner)};`;
}

function interfaceOf(name, doc, parent, fields, more = []) {
  const owner = name.replace(/Options$/, '');
  const members = [...fields.map((field) => member(field, owner)), ...more];
  // An interface without members of its own is only another name for its parent.
  if (members.length === 0) return `/** ${doc} */\nexport type ${name} = ${parent};`;
  const heritage = parent === '' ? '' : ` extends ${parent}`;
  return `/** ${doc} */\nexport interface ${name}${heritage} {\n${members.join('\n')}\n}`;
}

/** `export const xNames = [...] as const` and its union type. */
function nameList(doc, list, type, names) {
  const items = names.map((name) => JSON.stringify(name)).join(', ');
  return `/** ${doc} */\nexport const ${list} = [${items}] as const;\n/** One of {@link ${list}}. */\nexport type ${type} = (typeof ${list})[number];`;
}

const same = (a, b) =>
  JSON.stringify([a.default, a.min, a.max]) === JSON.stringify([b.default, b.min, b.max]);

/** A model's own fields, and the common ones that it gives another default or range. */
function ownFields(model, common) {
  return model.fields.filter((field) => {
    const shared = common.find((candidate) => candidate.name === field.name);
    return shared === undefined || !same(field, shared);
  });
}

/** What is said about a model or a loss. */
const sentences = ({ doc, paper }) => (paper === undefined ? doc : `${doc} ${paper}.`);

const lossMember = (loss) =>
  `  /** Training loss. Default ${JSON.stringify(loss).replaceAll('"', "'")}. */\n  loss?: LossName | LossSpec;`;

/** The loss of a model that has another default than the rest. */
const ownLoss = ({ loss }) => (loss === usualLoss ? [] : [lossMember(loss)]);

/** A model's options; those of a local model are its own alone. */
function optionsOf(model, modelFields) {
  const doc = sentences(model);
  const name = `${model.name}Options`;
  if (model.aliasOf !== undefined) {
    return [`/** ${doc} */\nexport type ${name} = ${model.aliasOf}Options;`];
  }
  if (model.kind !== 'local') {
    return [
      interfaceOf(name, doc, 'CommonModelOptions', ownFields(model, modelFields), ownLoss(model)),
    ];
  }
  const items = model.fields
    .filter((field) => field.type === 'object[]')
    .map((field) =>
      interfaceOf(
        `${model.name}${field.item}`,
        `One of the \`${field.name}\` of ${model.name}. ${field.doc}`,
        '',
        field.fields,
      ),
    );
  return [...items, interfaceOf(name, doc, '', model.fields)];
}

/** Names of the options that hold timestamps, also within lists of objects. */
function timeFields(models) {
  const all = models.flatMap(({ fields }) => fields);
  const nested = all.flatMap(({ fields = [] }) => fields);
  return namesOf([...all, ...nested].filter(({ type }) => type === 'time[]'));
}

/** Name -> options; each member's doc is what hovering its factory shows. */
function table(name, doc, entries) {
  const members = entries.map(
    (entry) => `  /** ${sentences(entry)} */\n  ${entry.name}: ${entry.name}Options;`,
  );
  return `/** ${doc} */\nexport interface ${name} {\n${members.join('\n')}\n}`;
}

/** Every model, and again under each of its other names. */
const underAllNames = (models) =>
  models.flatMap((model) => [
    model,
    ...model.aliases.map((name) => ({ ...model, name, aliasOf: model.name })),
  ]);

const namesOf = (entries) => entries.map((entry) => entry.name);

export function generateTypes(description) {
  const { losses, trainFields, modelFields } = description;
  const models = underAllNames(description.models);
  const choicesOf = (name) => modelFields.find((field) => field.name === name).choices;
  const isTrain = new Set(namesOf(trainFields));
  const common = modelFields.filter((field) => !isTrain.has(field.name));
  const lossMembers = [
    lossMember(usualLoss),
    '  /** Validation loss: of the point forecast (of several quantiles the median), or of quantiles that the loss has. Default: the training loss. */\n  validLoss?: LossName | LossSpec;',
  ];
  const parts = [
    "// Generated by scripts/generate.mjs from the addon's describe(). Do not edit.",
    nameList(
      'Every model, by the name it has in `models`.',
      'modelNames',
      'ModelName',
      namesOf(models),
    ),
    nameList(
      'Every loss, by the name it has in `losses`.',
      'lossNames',
      'LossName',
      namesOf(losses),
    ),
    nameList(
      'Window scalers: the `scalerType` of a model.',
      'scalerNames',
      'ScalerName',
      description.scalers,
    ),
    nameList(
      'Per-series scalers: the `localScalerType` of a forecaster.',
      'localScalerNames',
      'LocalScalerName',
      description.localScalers.filter((name) => name !== ''),
    ),
    nameList('Optimisers.', 'optimizerNames', 'OptimizerName', choicesOf('optimizer')),
    nameList(
      'Learning-rate schedules.',
      'schedulerNames',
      'SchedulerName',
      choicesOf('lrScheduler'),
    ),
    nameList(
      'Every `code` that an error of this package may have.',
      'errorCodeNames',
      'ErrorCodeName',
      description.errorCodes.map((error) => error.code),
    ),
    nameList(
      'The training options: those of a model that `fit` accepts too.',
      'trainFieldNames',
      'TrainFieldName',
      namesOf(trainFields),
    ),
    nameList(
      'Options of models that hold timestamps, also within lists of objects.',
      'timeFieldNames',
      'TimeFieldName',
      timeFields(models),
    ),
    interfaceOf('TrainingOptions', 'How a model is trained.', '', trainFields),
    interfaceOf(
      'CommonModelOptions',
      'What every model has.',
      'TrainingOptions',
      common,
      lossMembers,
    ),
    ...models.flatMap((model) => optionsOf(model, modelFields)),
    ...losses.map((loss) =>
      interfaceOf(
        `${loss.name}Options`,
        `Options of \`losses.${loss.name}\`. ${sentences(loss)}`,
        '',
        loss.fields,
      ),
    ),
    table('ModelOptionsByName', 'Model name to its options.', models),
    table('LossOptionsByName', 'Loss name to its options.', losses),
    '/** A loss with its options, as `losses.X(options)` makes it. */\n' +
      'export type LossSpec = { [K in LossName]: { name: K } & LossOptionsByName[K] }[LossName];',
  ];
  return `${parts.join('\n\n')}\n`;
}
