// gateway.yaml -> Policy.
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "base/name.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "policies/gateway_policy.hpp"
#include "policies/quantity.hpp"
#include "yaml/document.hpp"

namespace bulkhead::policies {
namespace {

using yaml::Node;

std::string list_of(std::span<const std::string_view> words) {
    std::string text;
    for (const auto word : words) text += (text.empty() ? "" : ", ") + std::string(word);
    return text;
}

class Reader {
  public:
    explicit Reader(std::string_view file_name) : file_name_(file_name) {}

    Policy policy(const Node& root) {
        static constexpr std::array<std::string_view, 5> keys{"devices", "images", "applications", "limits",
                                                              "levels"};
        Policy policy;
        check_keys(root, keys);
        each(root, "devices", [&](const Node& rule) { policy.devices.push_back(name_rule(rule)); });
        each(root, "images", [&](const Node& rule) { policy.images.push_back(name_rule(rule)); });
        each(root, "applications", [&](const Node& rule) { policy.applications.push_back(name_rule(rule)); });
        each(root, "limits", [&](const Node& rule) { policy.limits.push_back(limit_rule(rule)); });
        each(root, "levels", [&](const Node& rule) { policy.levels.push_back(level_rule(rule)); });
        return policy;
    }

    Errors take() && { return std::move(errors_); }

  private:
    void refuse(yaml::Mark at, std::string what, std::string wanted = {}, std::string mend = {}) {
        if (errors_.size() < yaml::most_errors)
            errors_.push_back({Code::invalid, std::move(what), yaml::place(file_name_, at), std::move(wanted),
                               std::move(mend)});
    }

    void check_keys(const Node& node, std::span<const std::string_view> keys) {
        if (node.kind != yaml::Kind::map)
            return refuse(node.at, "a rule can't be " + yaml::describe(node),
                          "a map with the keys " + list_of(keys));
        for (const auto& child : node.children) {
            if (std::ranges::find(keys, child.key) != keys.end()) continue;
            const std::string meant = nearest(child.key, keys);
            refuse(child.key_at, "unknown key '" + printable(child.key, 64) + "'", "one of " + list_of(keys),
                   meant.empty() ? "" : "write " + meant);
        }
    }

    template <class Take>
    void each(const Node& root, std::string_view key, const Take& take) {
        const Node* list = root.find(key);
        if (list == nullptr || list->kind == yaml::Kind::null) return;
        if (list->kind != yaml::Kind::list)
            return refuse(list->at, std::string(key) + " can't be " + yaml::describe(*list),
                          "a list of rules");
        for (const auto& rule : list->children) take(rule);
    }

    // A required text.
    std::string text(const Node& rule, std::string_view key) {
        const Node* value = rule.find(key);
        if (value != nullptr && value->kind == yaml::Kind::scalar && !trimmed(value->text).empty() &&
            printable(value->text, 256) == value->text)
            return value->text;
        refuse(value == nullptr ? rule.at : value->at, std::string(key) + " is missing",
               "one line of text, at most 256 bytes");
        return {};
    }

    NameRule name_rule(const Node& node) {
        static constexpr std::array<std::string_view, 4> keys{"id", "allow", "refuse", "because"};
        check_keys(node, keys);
        NameRule rule{text(node, "id"), {}, node.find("allow") != nullptr, text(node, "because")};
        if (rule.allows && node.find("refuse") != nullptr)
            refuse(node.at, "a rule can't both allow and refuse", {}, "make it two rules");
        rule.pattern = text(node, rule.allows ? "allow" : "refuse");
        if (rule.pattern.find('*') < rule.pattern.size() - 1)
            refuse(node.at, "'" + rule.pattern + "' is not a pattern", "a '*' at its end only");
        return rule;
    }

    LimitRule limit_rule(const Node& node) {
        static constexpr std::array<std::string_view, 5> keys{"id", "of", "least", "most", "because"};
        check_keys(node, keys);
        LimitRule rule;
        rule.id = text(node, "id");
        rule.because = text(node, "because");
        const std::string of = text(node, "of");
        const auto* known = std::ranges::find(quantities, of, [](Quantity q) { return to_string(q); });
        if (known == quantities.end()) {
            std::string names;
            for (const auto q : quantities) names += (names.empty() ? "" : ", ") + std::string(to_string(q));
            refuse(node.at, "unknown quantity '" + of + "'", "one of " + names);
            return rule;
        }
        rule.of = *known;
        rule.least = amount(node, "least", rule.of);
        rule.most = amount(node, "most", rule.of);
        return rule;
    }

    model::Level level(const Node& rule, std::string_view key) {
        const std::string name = text(rule, key);
        const auto level = model::parse_level(name);
        if (!name.empty() && !level) refuse(rule.find(key)->at, level.error().what, level.error().wanted);
        return level.value_or(model::Level::none);
    }

    LevelRule level_rule(const Node& node) {
        static constexpr std::array<std::string_view, 4> keys{"id", "refuse", "with", "because"};
        check_keys(node, keys);
        return {text(node, "id"), level(node, "refuse"), level(node, "with"), text(node, "because")};
    }

    std::uint64_t amount(const Node& rule, std::string_view key, Quantity of) {
        const std::string value = text(rule, key);
        if (value.empty()) return 0;
        const auto parsed = parse_amount(of, value);
        if (!parsed)
            refuse(rule.find(key)->at, parsed.error().what, parsed.error().wanted, parsed.error().mend);
        return parsed.value_or(0);
    }

    std::string file_name_;
    Errors errors_;
};

}  // namespace

std::expected<Policy, Errors> read_policy(std::string_view yaml, std::string_view file_name) {
    const auto document = yaml::parse(yaml, file_name);
    if (!document) return std::unexpected(document.error());
    Reader reader(file_name);
    Policy policy = reader.policy(*document);
    if (auto errors = std::move(reader).take(); !errors.empty()) return std::unexpected(std::move(errors));
    return policy;
}

}  // namespace bulkhead::policies
