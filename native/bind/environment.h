// What the addon keeps per environment (the main thread and each worker have their own).
#ifndef NF_BIND_ENVIRONMENT_H_
#define NF_BIND_ENVIRONMENT_H_

#include <napi.h>

#include <memory>

#include "bind/jobs.h"
#include "data/panel.h"

namespace nf::bind {

struct FileContents;
struct ModelCore;

struct Environment {
  explicit Environment(Napi::Env env) : jobs(env) {}
  static Environment& Of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  JobRunner jobs;
  Napi::FunctionReference panel_class, model_class, model_file_class;
  // What the next constructor call adopts instead of reading its arguments: how native code makes
  // a Panel, a Model or a ModelFile of its own.
  std::shared_ptr<const Panel> new_panel;
  std::shared_ptr<ModelCore> new_model;
  std::shared_ptr<const FileContents> new_file;
};

}  // namespace nf::bind

#endif  // NF_BIND_ENVIRONMENT_H_
