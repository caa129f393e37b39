#include "base/json_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace base {
namespace {

using namespace literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "path: message".
std::vector<std::string> texts(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  for (const Problem& problem : problems) out.push_back(problem.path + ": " + problem.message);
  return out;
}

struct Document {
  explicit Document(std::string_view text) : json(*parse_json(text)), root{json, "", problems} {}
  Json json;
  std::vector<Problem> problems;
  JsonObject root;
};

TEST(ParseJson, AcceptsComments) { EXPECT_TRUE(parse_json("{ // the name, \"quoted\n \"a\": /* [[ */ 1 }").has_value()); }

TEST(ParseJson, NamesLineAndColumnOfASyntaxError) {
  EXPECT_THAT(parse_json("{\n  \"a\": 1,\n  \"b\" 2\n}").error().message, HasSubstr("line 3, column 7: syntax error"));
}

std::string refusal(std::string_view text) {
  const Result<Json> document = parse_json(text);
  return document.has_value() ? "" : document.error().message;
}

TEST(ParseJson, RefusesAKeyThatStandsTwiceInOneObject) {
  EXPECT_EQ(refusal("{\n  \"a\": 1,\n  \"b\": {\"x\": 2},\n  \"a\": {}\n}"),
            "line 4, column 3: \"a\" stands twice in one object; keep one of them");
  EXPECT_THAT(refusal(R"({"gates": [0, {"p": "x:y", "q": {"p": 1}, "p": 2}]})"), HasSubstr("column 43: \"p\" stands twice"));
  EXPECT_THAT(refusal(R"({"a": 1, /* : */ "\u0061" : 2})"), HasSubstr("\"a\" stands twice")) << "however it is written";
  EXPECT_THAT(refusal(R"({"": 1, "": 2})"), HasSubstr("\"\" stands twice"));
}

TEST(ParseJson, TakesEqualKeysOfDifferentObjects) {
  EXPECT_EQ(refusal(R"({"a": {"a": {"b": 1}, "b": "a"}, "b": [{"a": 1}, {"a": "\"a\": 2"}], "A": "a", "\\": {}, "c": "a" // "c": 1
    })"),
            "");
  EXPECT_EQ(refusal("\"a\""), "");
  EXPECT_EQ(refusal("// a line may end with a carriage return\r{\n}"), "");
  EXPECT_EQ(refusal(std::string{"{}\0}", 4}), "");
  EXPECT_EQ(refusal(std::string{"// a comment with an end\0{\"a\": 1}", 33}), "");
}

TEST(ParseJson, RefusesDeepNestingWhereverQuotesStand) {
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  EXPECT_THAT(parse_json(deep).error().message, HasSubstr("nested deeper than 64"));
  EXPECT_THAT(parse_json("// don't say \"\n" + deep).error().message, HasSubstr("nested deeper than 64"));
  EXPECT_THAT(parse_json("//\r" + deep).error().message, HasSubstr("nested deeper than 64"));
  EXPECT_TRUE(parse_json(deep.substr(1, 128)).has_value());
  EXPECT_TRUE(parse_json("{\"a\": \"" + std::string(100, '[') + "\"}").has_value()) << "brackets in a string do not nest";
}

TEST(JsonObject, ReadsEveryKindOfField) {
  Document d{
      R"({"text": "x", "yes": true, "ratio": 0.5, "count": 3, "for": "1m30s", "rate": "2.5mbit", "size": "64KiB", "big": 18446744073709551615})"};
  EXPECT_EQ(d.root.required<std::string>("text"), "x");
  EXPECT_TRUE(d.root.required<bool>("yes"));
  EXPECT_DOUBLE_EQ(d.root.required<double>("ratio"), 0.5);
  EXPECT_EQ(d.root.required<std::int64_t>("count"), 3);
  EXPECT_EQ(d.root.required<Duration>("for"), 90s);
  EXPECT_EQ(d.root.required<Bitrate>("rate"), 2500_kbps);
  EXPECT_EQ(d.root.required<ByteCount>("size"), 64_KiB);
  EXPECT_EQ(d.root.required<std::uint64_t>("big"), UINT64_MAX);
  d.root.finish();
  EXPECT_THAT(texts(d.problems), IsEmpty());
}

TEST(JsonObject, FallsBackOnlyWhereAFieldIsAbsent) {
  Document d{R"({"count": "three"})"};
  EXPECT_EQ(d.root.optional<std::int64_t>("other", 7), 7);
  EXPECT_FALSE(d.root.optional<Duration>("for"));
  EXPECT_THAT(texts(d.problems), IsEmpty());
  EXPECT_EQ(d.root.optional<std::int64_t>("count", 7), 7);
  EXPECT_THAT(texts(d.problems), ElementsAre("count: expected a whole number, got a string"));
}

TEST(JsonObject, CollectsEveryProblemWithItsPath) {
  Document d{R"({"audience": {"cohorts": [{"share": 0.5}, {"share": "half"}]}, "nmae": 1})"};
  d.root.required<std::string>("name");
  JsonObject audience = d.root.required_object("audience");
  for (JsonObject cohort : audience.objects("cohorts")) cohort.required<double>("share");
  d.root.finish();
  EXPECT_THAT(texts(d.problems), ElementsAre("name: is required and missing", "audience.cohorts[1].share: expected a number, got a string",
                                             "nmae: is not a known field; did you mean name?"));
}

TEST(JsonObject, RefusesNumbersThatDoNotFit) {
  Document d{R"({"a": 1.5, "b": -1, "c": 9223372036854775808, "d": null})"};
  d.root.required<std::int64_t>("a");
  d.root.required<std::uint64_t>("b");
  d.root.required<std::int64_t>("c");
  d.root.required<bool>("d");
  EXPECT_THAT(texts(d.problems),
              ElementsAre("a: expected a whole number, got a number", "b: expected a whole number, 0 or more, got a number",
                          "c: is too large", "d: expected true or false, got null"));
}

TEST(JsonObject, TakesNumbersOfADocumentBuiltInMemory) {
  std::vector<Problem> problems;
  const Json json{{"seed", 7}};
  JsonObject root{json, "", problems};
  EXPECT_EQ(root.required<std::uint64_t>("seed"), 7u);
  EXPECT_THAT(texts(problems), IsEmpty());
}

TEST(JsonObject, TakesAValueThatIsNoObjectForOneProblem) {
  Document d{R"({"a": [1], "b": 5})"};
  JsonObject a = d.root.required_object("a");
  EXPECT_FALSE(a.has("x"));
  EXPECT_THAT(d.root.objects("b"), IsEmpty());
  EXPECT_THAT(texts(d.problems), ElementsAre("a: expected an object, got an array", "b: expected an array of objects, got a number"));
}

TEST(JsonObject, ListsTheEntriesOfAFreeFormObject) {
  Document d{R"({"x": {}, "": {}})"};
  const auto entries = d.root.entries();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].first, "x");
  d.root.finish();
  EXPECT_THAT(texts(d.problems), IsEmpty());
}

TEST(ReadJsonFile, NamesTheFileAndTheReason) {
  const std::string file = testing::TempDir() + fmt::format("/json_reader_test_{}.json", ::getpid());
  EXPECT_THROW(
      {
        try {
          read_json_file(file);
        } catch (const InvalidInput& failure) {
          EXPECT_THAT(failure.what(), HasSubstr(file + ": cannot be read: No such file"));
          throw;
        }
      },
      InvalidInput);
  std::ofstream{file} << "{\"a\": }";
  EXPECT_THROW(read_json_file(file), InvalidInput);
  std::ofstream{file} << "{\"a\": 1}";
  EXPECT_EQ(read_json_file(file)["a"], 1);
  std::remove(file.c_str());
}

TEST(ReadJsonFile, RefusesADirectory) { EXPECT_THROW(read_json_file(testing::TempDir()), InvalidInput); }

TEST(InvalidInput, ListsEveryProblemOnItsOwnLine) {
  const std::vector<Problem> problems{{"a.b", "is missing"}, {"", "is empty"}};
  EXPECT_STREQ(InvalidInput("f.json", problems).what(), "f.json: a.b: is missing\nf.json: is empty");
  EXPECT_THROW(throw_if_any("f.json", problems), InvalidInput);
  EXPECT_NO_THROW(throw_if_any("f.json", {}));
}

}  // namespace
}  // namespace base
