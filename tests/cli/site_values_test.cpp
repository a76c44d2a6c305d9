#include "cli/site_values.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "spec/validate.hpp"

namespace bulkhead::cli {
namespace {

SiteValues values_of(const std::string& text) {
    const auto values = parse_site_values(text, "site.yaml");
    EXPECT_TRUE(values) << values.error().front().text();
    return values.value_or(SiteValues{});
}

// The filled text, or the first thing that is wrong with it.
std::string filled(const std::string& text, const std::string& values) {
    const auto out = fill_in(text, "f.yaml", values_of(values), "site.yaml");
    return out ? *out : out.error().front().text();
}

std::string refused(const std::string& values) {
    const auto parsed = parse_site_values(values, "site.yaml");
    return parsed ? std::string("accepted") : parsed.error().front().text();
}

TEST(SiteValues, are_put_where_their_names_stand) {
    EXPECT_EQ(filled("card: ${card}, again: \"${card}\"\n${n}: 1\n", "card: enp2s0\nn: vlan\n"),
              "card: enp2s0, again: \"enp2s0\"\nvlan: 1\n");
    EXPECT_EQ(filled("cost: $5, home: $${HOME}\n", "{}"), "cost: $5, home: ${HOME}\n");
    EXPECT_EQ(filled("", "{}"), "");
    EXPECT_EQ(filled("# ${name}\n  #${x}\n#", "{}"), "# ${name}\n  #${x}\n#");
}

TEST(SiteValues, say_which_is_missing_and_where) {
    EXPECT_EQ(filled("a: 1\nä: ${plant_crad}\n", "plant_card: enp2s0\n"),
              "f.yaml:2:4: ${plant_crad} has no value; wanted a line 'plant_crad: ...' in site.yaml; did you "
              "mean ${plant_card}?");
    const auto out = fill_in("a: ${card}\n", "f.yaml", {}, "");
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().front().text(),
              "f.yaml:1:4: ${card} has no value; wanted a file of values, with --values FILE");
}

TEST(SiteValues, say_which_is_asked_for_by_nobody) {
    EXPECT_EQ(filled("a: 1\n", "\ncard: enp2s0\n"),
              "site.yaml:2:7: nothing in f.yaml asks for card; remove it, or write ${card} there");
}

TEST(SiteValues, refuse_what_is_no_name) {
    for (const char* text : {"a: ${", "a: ${}", "a: ${Card}", "a: ${1}", "a: ${card\n}", "a: ${a b}"})
        EXPECT_NE(filled(text, "{}")
                      .find("'${' without a name and '}'; wanted ${name}; for the signs "
                            "themselves write $${"),
                  std::string::npos)
            << text << ": " << filled(text, "{}");
    EXPECT_NE(refused("Card: enp2s0").find("'Card' can't be a name here"), std::string::npos);
    EXPECT_NE(refused("- enp2s0").find("wanted values by name"), std::string::npos);
}

// Whoever may write a site's values writes values, and no keys, lists or comments.
TEST(SiteValues, change_no_structure) {
    for (const char* value : {"[a]", "{a: b}", "'a, b'", "'a: b'", "'a # b'", "'- a'", "'a}'", "\"a\\nb\"",
                              "\"a\\\"b\"", "'*a'", "'&a'", "'!a'", "''", "'a:'", "' a'", "null"})
        EXPECT_NE(refused(std::string("v: ") + value), "accepted") << value;
    for (const char* value : {"10.20.1.0/24", "\"fd20:1::/64\"", "enp2s0", "20", "2Mbit/s", "Hall 2"})
        EXPECT_EQ(refused(std::string("v: ") + value), "accepted") << value;
}

TEST(SiteValues, are_bounded_in_their_errors) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "${x}\n";
    const auto out = fill_in(text, "f.yaml", {}, "");
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().size(), yaml::most_errors);
}

TEST(SiteValues, make_one_definition_a_gateway_in_each_hall) {
    const auto text = read_file(EXAMPLES "/networks/many-gateways.yaml", 1 << 20).value();
    std::set<std::string> gateways;
    for (const char* site : {"hall-1", "hall-2"}) {
        const auto values = read_file(std::string(EXAMPLES "/networks/sites/") + site + ".yaml", 1 << 20);
        const auto out = fill_in(text, "many-gateways.yaml", values_of(values.value()), "site.yaml");
        ASSERT_TRUE(out) << out.error().front().text();
        const auto spec = spec::read_spec(*out, "many-gateways.yaml");
        ASSERT_TRUE(spec) << spec.error().front().text();
        EXPECT_EQ(spec->site, site);
        EXPECT_EQ(spec->routers.size(), 1U);
        gateways.insert(spec->gateway.str());
    }
    EXPECT_EQ(gateways, (std::set<std::string>{"packing-1", "packing-2"}));
}

}  // namespace
}  // namespace bulkhead::cli
