#include "util/json.h"

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "util/error.h"
#include "util/rng.h"

namespace nf {
namespace {

// The message of the error that parsing must give; checks its code.
std::string WhyBad(std::string_view text) {
  try {
    Json::Parse(text);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::kCorruptModel);
    return e.what();
  }
  ADD_FAILURE() << "parsed: " << text;
  return "";
}

TEST(Json, ParsesEveryKind) {
  const Json v = Json::Parse(
      " { \"a\" : [ 1 , -2.5e3 , true , false , null ] ,\n\t\"b\":{},\"c\":[], \"d\":\"x\" }\r\n");
  const auto& a = v.At("a").AsArray();
  ASSERT_EQ(a.size(), 5u);
  EXPECT_EQ(a[0].AsInt(), 1);
  EXPECT_EQ(a[1].AsNumber(), -2500.0);
  EXPECT_TRUE(a[2].AsBool());
  EXPECT_FALSE(a[3].AsBool());
  EXPECT_TRUE(a[4].is_null());
  EXPECT_TRUE(v.At("b").AsObject().empty());
  EXPECT_TRUE(v.At("c").AsArray().empty());
  EXPECT_EQ(v.At("d").AsString(), "x");
  EXPECT_EQ(v.AsObject()[1].first, "b");  // order kept
}

TEST(Json, StringsEscapesAndUnicode) {
  EXPECT_EQ(Json::Parse(R"("\"\\\/\b\f\n\r\t")").AsString(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(Json::Parse(R"("\u0041\u00e9\u20AC\ud83d\ude00")").AsString(), "Aé€😀");
  EXPECT_EQ(Json::Parse("\"Aé€😀\"").AsString(), "Aé€😀");
  EXPECT_EQ(Json::Parse(R"("\u0000")").AsString(), std::string(1, '\0'));
}

TEST(Json, DumpRoundTrips) {
  const std::string text =
      R"({"name":"é\"\\\u0001😀","list":[0,-0,1.5,1e-300,100000,9007199254740992,1e+300,0.1],)"
      R"("empty":[{},[],""],"flags":[true,false,null]})";
  const Json v = Json::Parse(text);
  EXPECT_EQ(v.Dump(), text);
  EXPECT_EQ(Json::Parse(v.Dump()), v);
  EXPECT_TRUE(std::signbit(Json::Parse("-0").AsNumber()));
}

TEST(Json, DoublesKeepTheirBits) {
  Philox rng(1, RngStream::kInit, 0, 0);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = uint64_t{rng.NextU32()} << 32 | rng.NextU32();
    double v;
    std::memcpy(&v, &bits, sizeof v);
    // Below the normal range from_chars may call the result out of range.
    if (!std::isnormal(v)) continue;
    const double back = Json::Parse(Json(v).Dump()).AsNumber();
    ASSERT_EQ(std::memcmp(&v, &back, sizeof v), 0) << Json(v).Dump();
  }
}

TEST(Json, WhatCannotBeWrittenBecomesNullOrU_FFFD) {
  EXPECT_EQ(Json(std::nan("")).Dump(), "null");
  EXPECT_EQ(Json(-INFINITY).Dump(), "null");
  EXPECT_EQ(Json("a\xff\xc3").Dump(), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(Json, ErrorsNameTheByte) {
  EXPECT_EQ(WhyBad("{\"a\":1,}"), "not valid JSON at byte 7: expected a string");
  EXPECT_EQ(WhyBad("[1 2]"), "not valid JSON at byte 3: expected ',' or ']'");
  EXPECT_EQ(WhyBad("[1,"), "not valid JSON at byte 3: the text ends too early");
  EXPECT_EQ(WhyBad("{\"a\":1,\"a\":2}"), "not valid JSON at byte 12: the key 'a' stands twice");
  EXPECT_EQ(WhyBad("1e999"), "not valid JSON at byte 0: the number does not fit in a double");
}

TEST(Json, IsStrict) {
  for (const char* text : {"",
                           " ",
                           "nul",
                           "nulll",
                           "True",
                           "NaN",
                           "Infinity",
                           "+1",
                           "01",
                           "-",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "0x10",
                           "1_0",
                           "[1,]",
                           "[,1]",
                           "{,}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "{'a':1}",
                           "[1]]",
                           "1 2",
                           "\"",
                           "\"\\\"",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"\t\"",
                           "\"\n\"",
                           "// c\n1",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\ud800x\"",
                           "\xEF\xBB\xBF{}"})
    EXPECT_NE(WhyBad(text), "") << text;
  EXPECT_NE(WhyBad(std::string_view("1\0", 2)), "");
  EXPECT_NE(WhyBad(std::string_view("\"\0\"", 3)), "");
}

TEST(Json, RejectsIllFormedUtf8) {
  for (const char* bytes :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98"}) {
    const std::string open = std::string(1, '"') + bytes;
    EXPECT_NE(WhyBad(open + '"').find("not UTF-8"), std::string::npos);
    EXPECT_NE(WhyBad(open), "");
  }
}

TEST(Json, DepthIsLimited) {
  const auto nested = [](int n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(Json::Parse(nested(64)).is_array());
  EXPECT_NE(WhyBad(nested(66)).find("64 deep"), std::string::npos);
  EXPECT_NE(WhyBad(std::string(1000000, '[')).find("64 deep"), std::string::npos);
}

TEST(Json, AccessorsSayWhatTheyFound) {
  const Json v = Json::Parse(R"({"a":"x","n":1.5,"big":1e300})");
  const auto why = [](auto fn) -> std::string {
    try {
      fn();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kCorruptModel);
      return e.what();
    }
    return "no error";
  };
  EXPECT_EQ(why([&] { v.At("a").AsNumber(); }), "expected a number and found a string");
  EXPECT_EQ(why([&] { v.AsArray(); }), "expected an array and found an object");
  EXPECT_EQ(why([&] { v.At("n").AsInt(); }), "expected an integer within 2^53 and found 1.5");
  EXPECT_EQ(why([&] { v.At("big").AsInt(); }), "expected an integer within 2^53 and found 1e+300");
  EXPECT_EQ(why([&] { v.At("b"); }), "the member 'b' is missing");
  EXPECT_EQ(why([&] { Json(1).At("b"); }), "expected an object and found a number");
  EXPECT_EQ(v.Find("b"), nullptr);
  EXPECT_EQ(Json("text").Find("b"), nullptr);
}

TEST(Json, SetAppendsAndReplaces) {
  Json v;
  v.Set("a", 1).Set("b", "x").Set("a", true);
  EXPECT_EQ(v.Dump(), R"({"a":true,"b":"x"})");
  EXPECT_FALSE(v == Json::Parse(R"({"b":"x","a":true})"));
}

// Damages valid documents: each either parses, and then what is dumped parses to the same value, or
// throws the one error. Anything else ends the process (and the sanitizers watch).
TEST(Json, SurvivesMutations) {
  const std::vector<std::string> documents = {
      R"({"horizon":24,"learningRate":1e-3,"futureExog":["temp","é"],"loss":{"name":"MQLoss",)"
      R"("quantiles":[0.1,0.5,0.9]},"alias":null,"deep":[[[[{"a":[-1.25e+2]}]]]]})",
      R"(["\ud83d\ude00\n\u00e9", -0, 1e308, true, false, "€uro", {"":""}])"};
  for (const auto& text : documents)
    for (size_t n = 0; n < text.size(); ++n) EXPECT_NE(WhyBad(text.substr(0, n)), "");

  static constexpr char kTokens[] = "{}[]\",:\\u0123456789eE+-.tfn \x00\x1f\x80\xc3\xed\xf0\xff";
  Philox rng(2, RngStream::kInit, 0, 0);
  int parsed = 0, rejected = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string text = documents[rng.NextBelow(documents.size())];
    for (uint64_t edits = 1 + rng.NextBelow(3); edits > 0; --edits) {
      const size_t at = rng.NextBelow(text.size());
      const char c = kTokens[rng.NextBelow(sizeof(kTokens) - 1)];
      switch (rng.NextBelow(4)) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1, c);
          break;
        case 2:
          text.erase(at, 1 + rng.NextBelow(4));
          break;
        default:
          text.insert(at, text.substr(rng.NextBelow(text.size()), rng.NextBelow(20)));
      }
      if (text.empty()) text.assign(1, '0');
    }
    try {
      const Json v = Json::Parse(text);
      ASSERT_EQ(Json::Parse(v.Dump()), v) << text;
      ++parsed;
    } catch (const Error& e) {
      ASSERT_EQ(e.code(), ErrorCode::kCorruptModel);
      ASSERT_EQ(std::string(e.what()).rfind("not valid JSON at byte ", 0), 0u);
      ++rejected;
    }
  }
  EXPECT_GT(parsed, 500);
  EXPECT_GT(rejected, 5000);
}

TEST(Json, LoneSurrogatesAreRefusedOrReplaced) {
  const auto read = [](const char* text) {
    return Json::Parse(text, Json::LoneSurrogates::kReplaced).AsString();
  };
  EXPECT_THROW(Json::Parse(R"("\ud83d")"), Error);
  EXPECT_EQ(read(R"("\ud83d")"), "\uFFFD");
  EXPECT_EQ(read(R"("\ude00x")"), "\uFFFDx");
  EXPECT_EQ(read(R"("\ud83d\ud83d\ude00\n")"), "\uFFFD\U0001F600\n");
}

}  // namespace
}  // namespace nf
