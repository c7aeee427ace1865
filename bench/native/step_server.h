// `train-step --serve`: training steps and limits of the machine measured on request, so that
// another program can take turns with it (`npm run bench -- peers`). A request is a line of JSON on
// standard input, its answer a line on standard output. times are seconds of each step.
//
//   {"models": true}
//       -> {"models": [{"name", "batch": windows of a step by default, "options": 128 units wide}]}
//   {"make": "a", "model": "LSTM", "options": {...}, "batch": 32, "threads": 2}
//       -> {"parameters": n, "trainFlops": of a batch, "forwardFlops": of a row}
//   {"train": "a", "seconds": 0.3, "least": 3}  -> {"times": [...]}
//   {"peak": threads}                           -> {"flops": FMA operations a second}
//   {"drop": "a"}                               -> {}
// What fails is answered {"error": message}.
#ifndef NF_BENCH_NATIVE_STEP_SERVER_H_
#define NF_BENCH_NATIVE_STEP_SERVER_H_

#include <algorithm>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "models.h"
#include "probes.h"
#include "stepper.h"
#include "util/json.h"

namespace nf {

class StepServer {
 public:
  Json Answer(const Json& request) {
    if (request.Find("models")) return Models();
    if (request.Find("make")) return Make(request);
    if (request.Find("train")) return Train(request);
    if (const Json* threads = request.Find("peak")) return Peak(static_cast<int>(threads->AsInt()));
    if (const Json* name = request.Find("drop")) {
      cases_.erase(name->AsString());
      return Json(Json::Object{});
    }
    return Error("unknown request");
  }

  static Json Error(const char* message) {
    Json answer;
    answer.Set("error", message);
    return answer;
  }

 private:
  struct Case {
    std::unique_ptr<NeuralModel> model;
    std::unique_ptr<Stepper> stepper;  // reads the model
  };

  // Those that are trained by steps and exist elsewhere too.
  static Json Models() {
    Json::Array models;
    for (const ModelEntry* entry : AllModels()) {
      if (entry->build == nullptr || entry->no_counterpart) continue;
      models.push_back(Json::Object{{"name", entry->name},
                                    {"batch", entry->make_config()->windows_batch_size},
                                    {"series", entry->multivariate ? kTogether : 1},
                                    {"options", Json::Parse(entry->bench)}});
    }
    return Json::Object{{"models", std::move(models)}};
  }

  Json Make(const Json& request) {
    const std::string& name = request.At("model").AsString();
    const int64_t batch = request.At("batch").AsInt();
    Case made;
    made.model = NeuralModel::Create(name, request.At("options"), 1, name);
    made.stepper = std::make_unique<Stepper>(*made.model, panel_, batch,
                                             static_cast<int>(request.At("threads").AsInt()));
    Json answer;
    answer.Set("parameters", made.model->num_parameters());
    const auto flops = [&](Mode mode) { return static_cast<double>(FlopsOf(*made.model, mode)); };
    answer.Set("trainFlops", flops(Mode::kTrain) * static_cast<double>(batch));
    answer.Set("forwardFlops", flops(Mode::kInfer));
    cases_[request.At("make").AsString()] = std::move(made);
    return answer;
  }

  Json Train(const Json& request) {
    Stepper& stepper = *cases_.at(request.At("train").AsString()).stepper;
    const double seconds = request.At("seconds").AsNumber();
    const auto least = static_cast<size_t>(request.At("least").AsInt());
    stepper.Step();  // finds the caches as the other side left them
    Json::Array times;
    for (double spent = 0; spent < seconds || times.size() < least;) {
      const double time = stepper.Step();
      times.emplace_back(time);
      spent += time;
    }
    Json answer;
    answer.Set("times", std::move(times));
    return answer;
  }

  Json Peak(int threads) {
    Executor executor(threads);
    double best = 0;  // whatever else runs can only lower a probe
    for (int i = 0; i < 8; ++i) best = std::max(best, FmaPeak(executor, 1'000'000));
    Json answer;
    answer.Set("flops", best);
    return answer;
  }

  const Panel panel_ = WavePanel();
  std::map<std::string, Case> cases_;
};

inline int Serve() {
  StepServer server;
  for (std::string line; std::getline(std::cin, line);) {
    Json answer;
    try {
      answer = server.Answer(Json::Parse(line));
    } catch (const std::exception& error) {
      answer = StepServer::Error(error.what());
    }
    std::cout << answer.Dump() << std::endl;  // flushed: the other side waits for it
  }
  return 0;
}

}  // namespace nf

#endif  // NF_BENCH_NATIVE_STEP_SERVER_H_
