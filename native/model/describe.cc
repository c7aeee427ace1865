#include "model/describe.h"

#include "models/registry.h"

namespace nf {
namespace {

// As a configuration names it: with the one option whose default makes it what it is.
Json DefaultLoss(const ModelEntry& entry) {
  const LossConfig loss = entry.make_config()->loss;
  if (loss.name != "DistributionLoss") return loss.name;
  return Json::Object{{"name", loss.name}, {"distribution", loss.distribution}};
}

}  // namespace

Json DescribeModels() {
  Json::Array models;
  for (const ModelEntry* entry : AllModels()) {
    const auto local = entry->make_local != nullptr ? entry->make_local(0) : nullptr;
    Json exog;
    exog.Set("future", entry->future_exog);
    exog.Set("historic", entry->historic_exog);
    exog.Set("static", entry->static_exog);
    Json model;
    model.Set("name", entry->name);
    model.Set("kind", local != nullptr ? "local" : "neural");
    model.Set("aliases", Json::Array(entry->aliases.begin(), entry->aliases.end()));
    model.Set("doc", entry->doc);
    model.Set("paper", entry->paper);
    model.Set("exog", std::move(exog));
    model.Set("multivariate", entry->multivariate);
    model.Set("recurrent", entry->recurrent);
    model.Set("probabilistic", entry->probabilistic);
    model.Set("baseline", entry->baseline);
    if (local == nullptr) model.Set("loss", DefaultLoss(*entry));
    model.Set("fields", local != nullptr ? DescribeFields(local->config())
                                         : DescribeFields(*entry->make_config()));
    models.push_back(std::move(model));
  }
  return models;
}

Json DescribeTesting() {
  Json testing(Json::Object{});
  for (const ModelEntry* entry : AllModels()) {
    testing.Set(entry->name, Json::Object{{"tiny", Json::Parse(entry->tiny)},
                                          {"dropout", Json::Parse(entry->dropout)}});
  }
  return testing;
}

Json DescribeLosses() {
  Json::Array losses;
  LossConfig loss;
  for (const std::string& name : LossNames()) {
    loss.name = name;
    Json entry;
    entry.Set("name", name);
    entry.Set("doc", loss.doc());
    const std::vector<std::string> options = loss.Options();
    entry.Set("options", Json::Array(options.begin(), options.end()));
    losses.push_back(std::move(entry));
  }
  Json json;
  json.Set("losses", std::move(losses));
  LossConfig fresh;
  json.Set("fields", DescribeFields(fresh));
  return json;
}

}  // namespace nf
