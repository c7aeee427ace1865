#include "config/fields.h"

#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "util/error.h"

namespace nf {
namespace {

struct Config : Fields {
  bool revin = false;
  int64_t input_size = 0;
  int64_t steps = 100;
  double dropout = 0.5;
  double rate = 1e-3;
  std::string scaler = "identity";
  std::string alias;
  std::vector<int64_t> blocks = {1, 1, 1};
  std::vector<double> quantiles;
  std::vector<std::string> exog;
  std::vector<std::string> stacks = {"trend"};
  std::vector<std::vector<int64_t>> units = {{512, 512}};

  void VisitFields(FieldVisitor& v) override {
    v.Visit("revin", revin, {.doc = "Reversible normalisation."});
    v.Visit("inputSize", input_size, {.doc = "Window length.", .required = true, .min = 1});
    v.Visit("maxSteps", steps, {.doc = "Steps.", .min = 0, .max = 1000});
    v.Visit("dropout", dropout, {.min = 0, .max = 1});
    v.Visit("learningRate", rate, {.min = 0, .min_exclusive = true});
    v.Visit("scalerType", scaler, {.choices = {"identity", "standard", "robust"}});
    v.Visit("alias", alias, {});
    v.Visit("nBlocks", blocks, {.min = 1, .min_items = 2});
    v.Visit("quantiles", quantiles, {.min = 0, .max = 1, .min_exclusive = true});
    v.Visit("futureExog", exog, {});
    v.Visit("stackTypes", stacks, {.choices = {"trend", "identity"}});
    v.Visit("mlpUnits", units, {.min = 1, .min_items = 1});
  }
};

void Parse(const std::string& json, Config& config, const std::vector<std::string>& skip = {}) {
  ParseFields(Json::Parse(json), config, "NHITS", skip);
}

TEST(Fields, OverlaysOnlyWhatIsGiven) {
  Config c;
  Parse(R"({"revin":true,"inputSize":96,"learningRate":0.01,"scalerType":"robust","alias":"x",
            "nBlocks":[2,3],"quantiles":[0.1,1],"futureExog":["a","b"],"stackTypes":[],
            "mlpUnits":[[8],[]],"maxSteps":null})",
        c);
  EXPECT_TRUE(c.revin);
  EXPECT_EQ(c.input_size, 96);
  EXPECT_EQ(c.steps, 100);  // null keeps
  EXPECT_EQ(c.dropout, 0.5);
  EXPECT_EQ(c.rate, 0.01);
  EXPECT_EQ(c.scaler, "robust");
  EXPECT_EQ(c.alias, "x");
  EXPECT_EQ(c.blocks, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(c.quantiles, (std::vector<double>{0.1, 1}));
  EXPECT_EQ(c.exog, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(c.stacks.empty());
  EXPECT_EQ(c.units, (std::vector<std::vector<int64_t>>{{8}, {}}));
}

struct Pair : Fields {
  std::optional<double> first;
  int64_t second = 2, third = 3;
  void VisitFields(FieldVisitor& v) override {
    v.Visit("first", first, {});
    v.Visit("second", second, {});
    v.Visit("third", third, {.later = true});
  }
};

// What is wrong with the members of a file: a message, or "".
std::string FaultOf(const char* json) {
  Pair pair;
  try {
    ParseFields(Json::Parse(json), pair, "Pair", {}, Absent::kFault);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Fields, AFileSaysEveryMemberThatWasKnownWhenItWasWritten) {
  EXPECT_EQ(FaultOf(R"({"first":null,"second":5})"), "");
  EXPECT_EQ(FaultOf(R"({"second":5,"third":4})"), "Pair.first is missing");
  EXPECT_EQ(FaultOf(R"({"first":1})"), "Pair.second is missing");
  EXPECT_EQ(FaultOf(R"({"first":1,"second":null})"), "Pair.second is missing");
  EXPECT_EQ(FaultOf(R"({"first":1,"second":5,"third":null})"), "Pair.third is missing");
}

TEST(Fields, BoundsAreInclusiveAndIntegersReach2To53) {
  Config c;
  Parse(R"({"inputSize":9007199254740992,"maxSteps":0,"dropout":0})", c);
  EXPECT_EQ(c.input_size, int64_t{1} << 53);
  EXPECT_EQ(c.steps, 0);
  EXPECT_EQ(c.dropout, 0);
  Parse(R"({"inputSize":1,"maxSteps":1000,"dropout":1})", c);
  EXPECT_EQ(c.steps, 1000);
  EXPECT_EQ(c.dropout, 1);
}

struct BadCase {
  const char* json;
  ErrorCode code;
  const char* message;
};

TEST(Fields, ErrorsNameTheOption) {
  const ErrorCode type = ErrorCode::kInvalidArgType, range = ErrorCode::kOutOfRange;
  const std::vector<BadCase> cases = {
      {R"([])", type, "NHITS must be an object of options; got []"},
      {R"({})", type, "NHITS.inputSize is required: an integer >= 1 (Window length.)"},
      {R"({"inputSize":null})", type,
       "NHITS.inputSize is required: an integer >= 1 (Window length.)"},
      {R"({"inputSize":-3})", range, "NHITS.inputSize must be an integer >= 1; got -3"},
      {R"({"inputSize":1.5})", range, "NHITS.inputSize must be an integer >= 1; got 1.5"},
      {R"({"inputSize":9007199254740994})", range,
       "NHITS.inputSize must be an integer >= 1; got 9007199254740994"},
      {R"({"inputSize":"96"})", type, "NHITS.inputSize must be an integer >= 1; got '96'"},
      {R"({"inputSize":true})", type, "NHITS.inputSize must be an integer >= 1; got true"},
      {R"({"inputSize":[96]})", type, "NHITS.inputSize must be an integer >= 1; got [96]"},
      {R"({"inputSize":"NaN"})", range, "NHITS.inputSize must be an integer >= 1; got NaN"},
      {R"({"inputSize":1,"maxSteps":1001})", range,
       "NHITS.maxSteps must be an integer from 0 to 1000; got 1001"},
      {R"({"inputSize":1,"dropout":1.01})", range,
       "NHITS.dropout must be a number from 0 to 1; got 1.01"},
      {R"({"inputSize":1,"dropout":"-Infinity"})", range,
       "NHITS.dropout must be a number from 0 to 1; got -Infinity"},
      {R"({"inputSize":1,"learningRate":0})", range,
       "NHITS.learningRate must be a number > 0; got 0"},
      {R"({"inputSize":1,"learningRate":"Infinity"})", range,
       "NHITS.learningRate must be a number > 0; got Infinity"},
      {R"({"inputSize":1,"revin":1})", type, "NHITS.revin must be true or false; got 1"},
      {R"({"inputSize":1,"scalerType":"foo"})", range,
       "NHITS.scalerType must be one of 'identity', 'standard', 'robust'; got 'foo'"},
      {R"({"inputSize":1,"scalerType":3})", type,
       "NHITS.scalerType must be one of 'identity', 'standard', 'robust'; got 3"},
      {R"({"inputSize":1,"alias":{"a":1}})", type, "NHITS.alias must be a string; got {\"a\":1}"},
      {R"({"inputSize":1,"nBlocks":2})", type,
       "NHITS.nBlocks must be a list in which each item is an integer >= 1; got 2"},
      {R"({"inputSize":1,"nBlocks":[2]})", range,
       "NHITS.nBlocks must have at least 2 items; got 1"},
      {R"({"inputSize":1,"nBlocks":[2,0]})", range,
       "NHITS.nBlocks[1] must be an integer >= 1; got 0"},
      {R"({"inputSize":1,"nBlocks":[2,null]})", type,
       "NHITS.nBlocks[1] must be an integer >= 1; got null"},
      {R"({"inputSize":1,"quantiles":[0.5,0]})", range,
       "NHITS.quantiles[1] must be a number > 0 and <= 1; got 0"},
      {R"({"inputSize":1,"futureExog":[1]})", type, "NHITS.futureExog[0] must be a string; got 1"},
      {R"({"inputSize":1,"stackTypes":["trend","x"]})", range,
       "NHITS.stackTypes[1] must be one of 'trend', 'identity'; got 'x'"},
      {R"({"inputSize":1,"mlpUnits":[8]})", type,
       "NHITS.mlpUnits[0] must be a list in which each item is an integer >= 1; got 8"},
      {R"({"inputSize":1,"mlpUnits":[[8],[8,-1]]})", range,
       "NHITS.mlpUnits[1][1] must be an integer >= 1; got -1"},
      {R"({"inputsize":1})", type, "NHITS has no option 'inputsize'; did you mean 'inputSize'?"},
      {R"({"learning_rate":1})", type,
       "NHITS has no option 'learning_rate'; did you mean 'learningRate'?"},
      {R"({"los":1})", type, "NHITS has no option 'los'; did you mean 'loss'?"},
  };
  for (const auto& bad : cases) {
    Config c;
    try {
      Parse(bad.json, c, {"loss"});
      ADD_FAILURE() << "accepted " << bad.json;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), bad.code) << bad.json;
      EXPECT_STREQ(e.what(), bad.message) << bad.json;
    }
  }
}

TEST(Fields, AFarNameListsAllOptions) {
  Config c;
  try {
    Parse(R"({"zzzzzzzzzzzz":1})", c, {"loss"});
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(
        e.what(),
        "NHITS has no option 'zzzzzzzzzzzz'; it knows revin, inputSize, maxSteps, dropout, "
        "learningRate, scalerType, alias, nBlocks, quantiles, futureExog, stackTypes, "
        "mlpUnits, loss");
  }
}

TEST(Fields, LongValuesAreCut) {
  Config c;
  try {
    Parse(R"({"inputSize":")" + std::string(5000, 'x') + R"("})", c);
    FAIL();
  } catch (const Error& e) {
    EXPECT_LT(std::string(e.what()).size(), 150u);
  }
}

TEST(Fields, SkippedMembersAreNotRead) {
  Config c;
  Parse(R"({"inputSize":4,"loss":{"name":"MAE"}})", c, {"loss"});
  EXPECT_EQ(c.input_size, 4);
}

TEST(Fields, NullSourceIsEmpty) {
  Config c;
  EXPECT_THROW(ParseFields(Json(), c, "NHITS"), Error);  // inputSize is required
  struct Optional : Fields {
    int64_t n = 3;
    void VisitFields(FieldVisitor& v) override { v.Visit("n", n, {}); }
  } optional;
  ParseFields(Json(), optional, "fit");
  EXPECT_EQ(optional.n, 3);
}

TEST(Fields, JsonRoundTrip) {
  Config a, b;
  Parse(R"({"revin":true,"inputSize":96,"dropout":0.1,"quantiles":[0.25],"mlpUnits":[[3,4],[5]]})",
        a);
  const Json saved = FieldsToJson(a);
  EXPECT_EQ(saved.AsObject().front().first, "revin");
  ParseFields(Json::Parse(saved.Dump()), b, "NHITS");
  EXPECT_EQ(FieldsToJson(b), saved);
  EXPECT_EQ(b.units, a.units);
}

// Counts that may be left to the model, lists of objects, times, numbers that are not set.
struct Part : Fields {
  std::string name;
  std::vector<double> ds;
  void VisitFields(FieldVisitor& v) override {
    v.Visit("name", name, {.required = true});
    v.Visit("ds", ds, {.time = true});
  }
};

struct Rich : Fields {
  AutoCount count;
  ListOf<Part> parts;
  std::optional<double> level;
  void VisitFields(FieldVisitor& v) override {
    v.Visit("count", count, {.min = 0, .max = 9});
    v.Visit("parts", parts, {.item = "Part"});
    v.Visit("level", level, {});
  }
};

TEST(Fields, RichKindsComeBackFromJson) {
  for (const char* text :
       {R"({"count":"auto","parts":[],"level":null})", R"({"count":true,"parts":[],"level":2})",
        R"({"count":false,"parts":[{"name":"a","ds":[1,2]},{"name":"b","ds":[]}],"level":null})",
        R"({"count":7,"parts":[],"level":null})"}) {
    Rich rich, again;
    ParseFields(Json::Parse(text), rich, "R");
    EXPECT_EQ(FieldsToJson(rich).Dump(), text);
    ParseFields(FieldsToJson(rich), again, "R");
    EXPECT_EQ(FieldsToJson(again), FieldsToJson(rich));
  }
}

TEST(Fields, RichKindsNameWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"count":10})", "R.count must be 'auto', true, false or an integer from 0 to 9; got 10"},
      {R"({"count":-1})", "got -1"},
      {R"({"count":1.5})", "got 1.5"},
      {R"({"count":"on"})", "got 'on'"},
      {R"({"parts":{}})", "R.parts must be a list of objects"},
      {R"({"parts":[5]})", "R.parts[0] must be an object"},
      {R"({"parts":[{"name":"a"},{}]})", "R.parts[1].name is required"},
      {R"({"parts":[{"nam":"a"}]})", "did you mean 'name'"},
  };
  for (const auto& [text, message] : cases) {
    Rich rich;
    try {
      ParseFields(Json::Parse(text), rich, "R");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }
}

TEST(Fields, RichKindsAreDescribed) {
  Rich rich;
  const Json described = DescribeFields(rich);
  EXPECT_EQ(described.AsArray()[0].At("type").AsString(), "auto");
  const Json& parts = described.AsArray()[1];
  EXPECT_EQ(parts.At("type").AsString(), "object[]");
  EXPECT_EQ(parts.At("item").AsString(), "Part");
  EXPECT_EQ(parts.At("fields").AsArray()[1].At("type").AsString(), "time[]");
  EXPECT_TRUE(described.AsArray()[2].At("default").is_null());
}

TEST(Fields, Describe) {
  Config c;
  const Json described = DescribeFields(c);
  const auto& fields = described.AsArray();
  const auto names = FieldNames(c);
  ASSERT_EQ(fields.size(), names.size());
  for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(fields[i].At("name").AsString(), names[i]);
  EXPECT_EQ(fields[0].Dump(),
            R"({"name":"revin","type":"boolean","default":false,"required":false,)"
            R"("doc":"Reversible normalisation."})");
  EXPECT_EQ(fields[1].Dump(), R"({"name":"inputSize","type":"integer","required":true,"min":1,)"
                              R"("doc":"Window length."})");
  EXPECT_EQ(fields[4].Dump(),
            R"({"name":"learningRate","type":"number","default":0.001,"required":false,"min":0,)"
            R"("minExclusive":true,"doc":""})");
  EXPECT_EQ(fields[5].Dump(),
            R"({"name":"scalerType","type":"string","default":"identity","required":false,)"
            R"("choices":["identity","standard","robust"],"doc":""})");
  EXPECT_EQ(fields[7].Dump(),
            R"({"name":"nBlocks","type":"integer[]","default":[1,1,1],"required":false,"min":1,)"
            R"("minItems":2,"doc":""})");
  EXPECT_EQ(fields[8].At("type").AsString(), "number[]");
  EXPECT_EQ(fields[9].At("type").AsString(), "string[]");
  EXPECT_EQ(fields[11].At("type").AsString(), "integer[][]");
}

}  // namespace
}  // namespace nf
