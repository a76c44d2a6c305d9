#include "cli/output.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/yaml.hpp"

namespace bulkhead::cli {
namespace {

api::ZoneList zones() {
    api::ZoneList list;
    list.set_apiversion("bulkhead/v1alpha1");
    auto& zone = *list.add_items();
    zone.set_name("acme-cell");
    zone.set_subnet("10.20.1.0/24");
    zone.add_members("robot-cell 10.20.1.10");
    return list;
}

TEST(Output, prints_lists_as_json_with_every_field) {
    EXPECT_EQ(machine_text(zones(), Format::json), R"({
 "apiVersion": "bulkhead/v1alpha1",
 "items": [
  {
   "gateway": "",
   "name": "acme-cell",
   "tenant": "",
   "subnet": "10.20.1.0/24",
   "members": [
    "robot-cell 10.20.1.10"
   ]
  }
 ],
 "next": ""
}
)");
}

TEST(Output, prints_the_same_structure_as_yaml) {
    EXPECT_EQ(machine_text(zones(), Format::yaml), R"(apiVersion: bulkhead/v1alpha1
items:
  - gateway: ""
    name: acme-cell
    tenant: ""
    subnet: "10.20.1.0/24"
    members:
      - robot-cell 10.20.1.10
next: ""
)");
}

TEST(Output, keeps_the_field_names_of_the_proto) {
    api::PartitionView partition;
    partition.set_image_digest("sha256:00");
    EXPECT_NE(machine_text(partition, Format::json).find("\"image_digest\": \"sha256:00\""),
              std::string::npos);
}

TEST(Yaml, quotes_whatever_a_reader_could_take_for_something_else) {
    const auto text = [](const std::string& value) { return yaml_text(nlohmann::ordered_json(value)); };
    EXPECT_EQ(text("acme"), "acme\n");
    for (const auto* word : {"no", "True", "NULL", "12", "1e3",        "~",  "-",  "a: b", "a #b", "",
                             " a", "a ",   "0x10", "=",  "2031-05-04", "*a", "&a", "!t",   "{a}",  "[a]"})
        EXPECT_EQ(text(word), "\"" + std::string(word) + "\"\n");
    EXPECT_EQ(text("a\"b\\c\nd"), "\"a\\\"b\\\\c\\nd\"\n");
    EXPECT_EQ(text("\x1B[2J\xC2\x9B\x7F"), "\"\\x1b[2J\\x9b\\x7f\"\n");
    EXPECT_EQ(text("Größe"), "\"Größe\"\n");
}

TEST(Yaml, writes_lists_in_lists_and_empty_ones) {
    EXPECT_EQ(yaml_text(nlohmann::ordered_json::parse(R"({"a":[[1,2],[],{"b":{"c":true}}],"d":{}})")),
              "a:\n  - - 1\n    - 2\n  - []\n  - b:\n      c: true\nd: {}\n");
}

}  // namespace
}  // namespace bulkhead::cli
