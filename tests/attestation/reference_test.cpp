#include "attestation/reference.hpp"

#include <gtest/gtest.h>

#include "attestation/reasons.hpp"
#include "base/file.hpp"
#include "plant.hpp"

namespace bulkhead::attestation {
namespace {

TEST(References, go_there_and_back) {
    References references;
    references.host["kernel"] = {std::string(64, 'a'), std::string(64, 'b')};
    references.platform["qemu"] = {};
    references.images["partition-base"]["kernel"] = std::string(64, 'c');
    references.argv["robot-cell"] = std::string(64, 'd');
    const auto read = references_from_json(to_json(references), "signed");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, references);
    EXPECT_EQ(*references_from_json("{}", "signed"), References());
}

TEST(References, refuse_what_is_none) {
    for (const char* text :
         {"", "[]", "{\"hosts\": {}}", "{\"host\": []}", "{\"host\": {\"kernel\": \"aa\"}}",
          "{\"host\": {\"kernel\": [\"aa\"]}}", "{\"argv\": {\"x\": 7}}", "{\"images\": {\"x\": []}}",
          "{\"host\": {\"kernel\": [[[[[]]]]]}}"})
        EXPECT_FALSE(references_from_json(text, "signed")) << text;
    EXPECT_FALSE(references_from_json("{\"argv\": {\"x\": \"" + std::string(64, 'A') + "\"}}", "signed"));
}

TEST(SpecFacts, change_with_what_they_are_about_and_with_nothing_else) {
    const model::Spec spec = testing_support::plant();
    const auto facts = spec_facts(spec, spec.partitions[0]);
    const auto changed_by = [&](auto change) {
        model::Spec other = spec;
        change(other);
        std::string names;
        for (const auto& [name, digest] : spec_facts(other, other.partitions[0]))
            if (digest != facts.at(name)) names += name + " ";
        return names;
    };
    EXPECT_EQ(changed_by([](auto&) {}), "");
    EXPECT_EQ(changed_by([](auto& s) { s.partitions[0].cpus = 2; }), "limits ");
    EXPECT_EQ(changed_by([](auto& s) { s.partitions[0].memory = Bytes{1}; }), "limits ");
    EXPECT_EQ(changed_by([](auto& s) { s.partitions[0].application->config["a"] = "b"; }), "application ");
    EXPECT_EQ(changed_by([](auto& s) { s.partitions[0].application.reset(); }), "application ");
    EXPECT_EQ(changed_by([](auto& s) {
                  s.partitions[0].application->bundle = {model::BundleName("press"), std::string(64, 'a')};
              }),
              "application ");
    EXPECT_EQ(changed_by([](auto& s) { s.devices[0].at = "/dev/other"; }), "places ");
    EXPECT_EQ(changed_by([](auto& s) { s.partitions[0].devices[0].bitrate = 125000; }), "devices ");
    EXPECT_EQ(changed_by([](auto& s) { s.conduits[0].allow[0].port = 1; }), "switch_policy ");
    EXPECT_EQ(changed_by([](auto& s) { s.conduits.clear(); }), "switch_policy ");
    EXPECT_EQ(changed_by([](auto& s) { s.partitions[1].interfaces[0].address = model::Ipv4{7}; }),
              "switch_policy ");
    EXPECT_EQ(changed_by([](auto& s) { s.conduits[0].because = "for people"; }), "");
    EXPECT_EQ(changed_by([](auto& s) { s.partitions[1].cpus = 2; }), "");
    EXPECT_EQ(changed_by([](auto& s) { s.labels["a"] = "b"; }), "");
    EXPECT_EQ(changed_by([](auto& s) { s.partitions[0].lock = model::Lock{}; }), "");
}

// The fact is measured once, at the start; who turns a line around and whose turn it is changes without one.
TEST(SpecFacts, hold_of_a_line_what_its_guest_is_told) {
    model::Spec spec = testing_support::plant();
    auto& line = spec.partitions[0].devices[0].line;
    const auto facts = spec_facts(spec, spec.partitions[0]);
    line.rs485 = model::Rs485{};
    EXPECT_EQ(spec_facts(spec, spec.partitions[0]), facts);
    line.turns = model::Turns{};
    EXPECT_EQ(spec_facts(spec, spec.partitions[0]), facts);
    line.parity = 'E';
    EXPECT_NE(spec_facts(spec, spec.partitions[0]).at("devices"), facts.at("devices"));
}

// A PCI function can't be moved under a machine; all else can, and its place has a fact of its own.
TEST(SpecFacts, tell_a_place_where_it_is_told_again_when_it_changes) {
    model::Spec spec = testing_support::plant();
    EXPECT_EQ(spec_facts(spec, spec.partitions[0]).at("places"),
              places_fact({{model::DeviceName("arm"), "/dev/serial/by-path/1"}}));
    EXPECT_FALSE(spec_facts(spec, spec.partitions[1]).contains("places")) << "it has no device";
    spec.devices[0].kind = model::DeviceKind::pci;
    const auto facts = spec_facts(spec, spec.partitions[0]);
    EXPECT_FALSE(facts.contains("places"));
    spec.devices[0].at = "0000:00:03.0";
    EXPECT_NE(spec_facts(spec, spec.partitions[0]).at("devices"), facts.at("devices"));
}

TEST(SpecFacts, are_not_fooled_by_where_a_value_ends) {
    model::Spec spec = testing_support::plant();
    spec.partitions[0].application = model::Application{.path = "/a", .config = {{"k", "v 1:x"}}};
    const auto one = spec_facts(spec, spec.partitions[0]);
    spec.partitions[0].application = model::Application{.path = "/a", .config = {{"k 5:v", "x"}}};
    EXPECT_NE(one.at("application"), spec_facts(spec, spec.partitions[0]).at("application"));
}

TEST(Reasons, are_unique_and_explained) {
    std::set<std::string_view> words;
    for (const Reason& reason : reasons) {
        EXPECT_TRUE(words.insert(reason.word).second) << reason.word;
        EXPECT_GT(reason.meaning.size(), 15U) << reason.word;
    }
}

TEST(Reasons, stand_in_the_readme) {
    const std::string readme = read_file(ATTESTATION_README, 1 << 20).value();
    for (const Reason& reason : reasons)
        EXPECT_NE(readme.find("| `" + std::string(reason.word) + "` | " + std::string(reason.meaning) + " |"),
                  std::string::npos)
            << reason.word;
}

}  // namespace
}  // namespace bulkhead::attestation
